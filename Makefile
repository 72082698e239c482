# Everything a newcomer needs: Python 3.11 or newer and make. `make` alone lists the targets.
# The environment is built in .venv from requirements-dev.lock: pinned versions with hashes, installed again only when
# the lock changes. All paths are relative and quoted, so the checkout may live in a path with a space.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.SUFFIXES:

ready := .venv/.ready
python := .venv/bin/python
# One worker per core, each with a database of its own; 8 are enough for the embedded server.
workers ?= auto
seconds ?= 120

.PHONY: help up test check chaos lives bench demo format lock clean environment

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

up: $(ready) ## start everything on PORT (8000), with its data in KIST_HOME (.kist)
	@exec $(python) -m app.cli up

demo: $(ready) ## tell the story of one customer over four months, with real calls
	@exec $(python) -m app.cli demo

test: $(ready) ## run the whole test suite on embedded services of its own
	@exec $(python) -m pytest -n $(workers) --maxprocesses 8

chaos: $(ready) ## kill, flush and starve the service under load for about `seconds` (120), and see that nothing is lost
	@exec $(python) -m tests.chaos --seconds $(seconds)

lives: $(ready) ## live random loans for `seconds` (120), in the domain and over HTTP: what is shown must be what happens
	@exec $(python) -m tests.lives --seconds $(seconds)

check: $(ready) ## format, lint, types, contracts, and the tests that need no services
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m mypy
	.venv/bin/lint-imports --no-cache
	$(python) -m pytest -q tests/domain tests/house

bench: $(ready) ## measure everything that docs/performance.md tells of, in fifteen minutes
	@exec $(python) -m app.cli bench

format: $(ready) ## write the code in the house's format
	$(python) -m ruff format .
	$(python) -m ruff check --fix .

lock: $(ready) ## pin the newest versions that pyproject.toml allows
	.venv/bin/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
		--universal --python-version 3.11 pyproject.toml -o requirements.lock
	.venv/bin/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
		--universal --python-version 3.11 --group dev pyproject.toml -o requirements-dev.lock

clean: ## remove .venv and every cache; KIST_HOME stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis kist.egg-info
	find app tests migrations bench -name __pycache__ -type d -prune -exec rm -rf {} +

environment: $(ready) ## build or refresh .venv

# .venv is made anew when its Python is gone; the program `kist` and the path to this checkout are written by hand,
# because building a package would need a build backend that the lock does not pin.
$(ready): requirements-dev.lock Makefile
	@set -e; \
	if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		found=''; \
		for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
			if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$name; break; fi; \
		done; \
		if [ -z "$$found" ]; then \
			echo 'Kist needs Python 3.11 or newer, and none is on the PATH.' >&2; exit 1; \
		fi; \
		if ! $$found -c 'import ensurepip, venv' 2>/dev/null; then \
			echo "This Python cannot make a virtual environment: ensurepip is missing." >&2; \
			echo "On Debian and Ubuntu: apt install python3-venv   (as root), then run make again." >&2; exit 1; \
		fi; \
		echo "Building .venv with $$($$found --version) (once, about a minute)"; \
		$$found -m venv --clear .venv; \
	else \
		echo 'Refreshing .venv from requirements-dev.lock'; \
	fi; \
	.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes \
		-r requirements-dev.lock; \
	packages=$$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); \
	pwd -P > "$$packages/kist-checkout.pth"; \
	printf '#!/bin/sh\nexec "$$(dirname "$$0")/python" -m app.cli "$$@"\n' > .venv/bin/kist; \
	chmod +x .venv/bin/kist; \
	touch $(ready)
