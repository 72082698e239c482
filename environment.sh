#!/bin/sh
# Makes or updates .venv, for the Makefile:
#   environment.sh runtime   what the service needs, from requirements.lock
#   environment.sh dev       also the tools for tests, checks and benchmarks, from requirements-dev.lock, which has both
#   environment.sh contract  what generates clients for the tests of the contract, in .venv/contract: from
#                            requirements-contract.lock and, if this machine has npm, from tests/api/contract
#   environment.sh sound     exit 0 if .venv belongs to this checkout and its Python still runs
# Packages that are installed in the right version stay. uv installs the packages. pip fetches uv first, from a lock of
# its own, and uv is removed at the end. If uv fails, pip installs the packages.
set -eu
cd "$(dirname "$0")"

python=.venv/bin/python
installer=.venv/.installer

say() { echo "$@" >&2; }

sound() {
	[ -x $python ] && $python -I -c '
import os, pathlib, sys, sysconfig
mark = pathlib.Path(sysconfig.get_path("purelib"), "kist-checkout.pth")
here = mark.is_file() and mark.read_bytes().strip() == os.fsencode(os.getcwd())
sys.exit(sys.version_info < (3, 11) or not here)' 2>/dev/null
}

find_python() {
	for found in python3 python3.14 python3.13 python3.12 python3.11 python; do
		if "$found" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then return; fi
	done
	say 'Kist needs Python 3.11 or newer, but the PATH has none.'
	exit 1
}

# This writes the path to the checkout and the program `kist` directly, because building a package would need a build
# backend, which the lock does not pin.
make_venv() {
	find_python
	if ! "$found" -c 'import ensurepip, venv' 2>/dev/null; then
		say 'This Python cannot make a virtual environment: ensurepip is missing.'
		say 'On Debian and Ubuntu: apt install python3-venv   (as root), then run make again.'
		exit 1
	fi
	say "Making .venv with $("$found" --version)"
	"$found" -m venv --clear --without-pip .venv
	printf '#!/bin/sh\nexec "$(dirname "$0")/python" -m app.cli "$@"\n' > .venv/bin/kist
	chmod +x .venv/bin/kist
	pwd -P > "$($python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/kist-checkout.pth"
}

# .venv has no pip of its own, so that it contains only what the service needs.
pip() {
	[ -x $installer/bin/python ] || $python -m venv $installer
	$installer/bin/python -m pip --disable-pip-version-check "$@"
}

# The machine's pip is tried first, because making another one takes as long as everything else together.
fetch_uv() {
	say 'Fetching the installer'
	find_python
	set -- install -qq --retries 1 --only-binary :all: --require-hashes -r requirements-installer.lock
	"$found" -m pip --disable-pip-version-check "$@" --target $installer 2>/dev/null || pip "$@" || return 1
	use_index
}

# If the machine's pip is configured with a package index, uv uses it too.
use_index() {
	index=${PIP_INDEX_URL:-$("$found" -m pip config get global.index-url 2>/dev/null || true)}
	[ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
}

install() {
	lock=$1
	say "Installing the packages of $lock, at most $(grep -c '^[a-z0-9].*==' "$lock")"
	if fetch_uv; then
		if $installer/bin/uv pip install --python $python $compile --require-hashes -r "$lock"; then return; fi
	fi
	say 'uv failed; pip installs the packages instead, which takes longer'
	pip --python $python install $no_compile --require-hashes -r "$lock"
}

# `dev` has installed uv. npm keeps what it fetched, and installs exactly what the lock file names.
install_contract() {
	say 'Installing the generators of clients'
	[ -x .venv/contract/bin/python ] || $python -m venv --without-pip .venv/contract
	find_python
	use_index
	.venv/bin/uv pip install --quiet --python .venv/contract/bin/python --require-hashes -r requirements-contract.lock
	if command -v npm >/dev/null; then
		cp tests/api/contract/package.json tests/api/contract/package-lock.json .venv/contract
		npm ci --prefix .venv/contract --prefer-offline --no-audit --no-fund --silent
	fi
	touch .venv/.contract
}

# Only the modules that the service loads are compiled. That is a quarter of all; the rest would need another 60 MB.
# They are compiled even if PYTHONDONTWRITEBYTECODE is set: otherwise three processes would do so at every start.
compile_what_is_loaded() {
	say 'Compiling the modules of the service'
	PYTHONDONTWRITEBYTECODE='' $python -c 'import app.cli, app.main, app.workers.settings' 2>/dev/null || true
}

case ${1:-} in
sound) sound; exit ;;
runtime) lock=requirements.lock compile='' no_compile=--no-compile ;;
contract) install_contract; exit ;;
dev) lock=requirements-dev.lock compile=--compile-bytecode no_compile='' ;;
*) say 'environment.sh runtime | dev | contract | sound'; exit 2 ;;
esac

rm -rf $installer
trap 'rm -rf $installer' EXIT
trap 'exit 130' INT TERM
sound || make_venv
install $lock
[ "$1" = dev ] || compile_what_is_loaded
touch .venv/.runtime
[ "$1" = runtime ] || touch .venv/.dev
