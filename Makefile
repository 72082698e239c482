# It needs only Python 3.11 or newer and make. `make` alone lists the targets.
# environment.sh builds .venv from pinned versions with hashes. `up` and `demo` install what the service needs
# (requirements.lock); the other targets also install tools for tests and checks (requirements-dev.lock). They install
# again only if a lock changes or the Python of .venv is missing. All paths are relative and quoted, so the checkout may
# be in a path with a space.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.SUFFIXES:

runtime := .venv/.runtime
dev := .venv/.dev
contract := .venv/.contract
python := .venv/bin/python
# One worker for each core, each with a database of its own. More than 8 are too many for the embedded server.
workers ?= auto
seconds ?= 120

.PHONY: help up test check chaos lives bench demo format lock clean environment

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

up: $(runtime) ## start the whole service on PORT (8000), with its data in KIST_HOME (.kist)
	@exec $(python) -m app.cli up

demo: $(runtime) ## show four months of one customer, with real calls
	@exec $(python) -m app.cli demo

test: $(dev) $(contract) ## run the whole test suite on its own embedded servers
	@exec $(python) -m pytest -n $(workers) --maxprocesses 8

chaos: $(dev) ## inject faults into the service under load for about `seconds` (120), and check that nothing is lost
	@exec $(python) -m tests.chaos --seconds $(seconds)

lives: $(dev) ## run random loans and card accounts for `seconds` (120), and check what was shown and what was charged
	@exec $(python) -m tests.lives --seconds $(seconds)

check: $(dev) ## format, lint, types, contracts, and the tests that need no services
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m mypy
	.venv/bin/lint-imports --no-cache
	$(python) -m pytest -q tests/domain tests/house

bench: $(dev) ## measure all figures of docs/performance.md
	@exec $(python) -m app.cli bench

format: $(dev) ## format the code and fix what the linter can fix
	$(python) -m ruff format .
	$(python) -m ruff check --fix .

pin := .venv/bin/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
	--universal --python-version 3.11

lock: $(dev) ## pin the newest versions that pyproject.toml allows in the lock files
	$(pin) pyproject.toml -o requirements.lock
	$(pin) --constraint requirements.lock --group dev pyproject.toml -o requirements-dev.lock
	$(pin) --constraint requirements-dev.lock --group pyproject.toml:installer -o requirements-installer.lock
	$(pin) --group pyproject.toml:contract -o requirements-contract.lock

clean: ## remove .venv and all caches; KIST_HOME is kept
	rm -rf .venv build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis kist.egg-info
	find app tests migrations bench -name __pycache__ -type d -prune -exec rm -rf {} +

environment: $(dev) ## build or update .venv with everything in it

$(runtime): requirements.lock environment.sh
	@./environment.sh runtime

$(dev): requirements-dev.lock environment.sh
	@./environment.sh dev

$(contract): requirements-contract.lock tests/api/contract/package-lock.json environment.sh | $(dev)
	@./environment.sh contract

# The stamps do not count if the Python of .venv does not run, or if .venv was made for another checkout.
ifneq ($(shell ./environment.sh sound && echo sound),sound)
.PHONY: $(runtime) $(dev) $(contract)
endif
