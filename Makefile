# Everything a newcomer needs: Python 3.11 or newer and make. `make` alone lists the targets.
# environment.sh builds .venv from pinned versions with hashes: `up` and `demo` install what runs the service
# (requirements.lock), the other targets the rest too (requirements-dev.lock), each again only when its lock changes or
# the Python of .venv is gone. All paths are relative and quoted, so the checkout may live in a path with a space.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.SUFFIXES:

runtime := .venv/.runtime
dev := .venv/.dev
python := .venv/bin/python
# One worker per core, each with a database of its own; 8 are enough for the embedded server.
workers ?= auto
seconds ?= 120

.PHONY: help up test check chaos lives bench demo format lock clean environment

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

up: $(runtime) ## start everything on PORT (8000), with its data in KIST_HOME (.kist)
	@exec $(python) -m app.cli up

demo: $(runtime) ## tell the story of one customer over four months, with real calls
	@exec $(python) -m app.cli demo

test: $(dev) ## run the whole test suite on embedded services of its own
	@exec $(python) -m pytest -n $(workers) --maxprocesses 8

chaos: $(dev) ## kill, flush and starve the service under load for about `seconds` (120), and see that nothing is lost
	@exec $(python) -m tests.chaos --seconds $(seconds)

lives: $(dev) ## live random loans for `seconds` (120), in the domain and over HTTP: what is shown must be what happens
	@exec $(python) -m tests.lives --seconds $(seconds)

check: $(dev) ## format, lint, types, contracts, and the tests that need no services
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m mypy
	.venv/bin/lint-imports --no-cache
	$(python) -m pytest -q tests/domain tests/house

bench: $(dev) ## measure everything that docs/performance.md tells of, in fifteen minutes
	@exec $(python) -m app.cli bench

format: $(dev) ## write the code in the house's format
	$(python) -m ruff format .
	$(python) -m ruff check --fix .

pin := .venv/bin/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
	--universal --python-version 3.11

lock: $(dev) ## pin the newest versions that pyproject.toml allows
	$(pin) pyproject.toml -o requirements.lock
	$(pin) --constraint requirements.lock --group dev pyproject.toml -o requirements-dev.lock
	$(pin) --constraint requirements-dev.lock --group pyproject.toml:installer -o requirements-installer.lock

clean: ## remove .venv and every cache; KIST_HOME stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis kist.egg-info
	find app tests migrations bench -name __pycache__ -type d -prune -exec rm -rf {} +

environment: $(dev) ## build or refresh .venv with everything in it

$(runtime): requirements.lock environment.sh
	@./environment.sh runtime

$(dev): requirements-dev.lock environment.sh
	@./environment.sh dev

# A stamp is worth nothing in an environment that does not run, or that was made for a checkout in another place.
ifneq ($(shell ./environment.sh sound && echo sound),sound)
.PHONY: $(runtime) $(dev)
endif
