# Two commands a newcomer needs: `make serve` and `make test`. Everything else is a part of them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

.DEFAULT_GOAL := help
.PHONY: help serve test check unit e2e fuzz bench lock clean

help:  ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

SOURCES := $(shell find src -name '*.py')

# setup.py compiles the request path where a C compiler is, which takes about a minute. What was built before is thrown
# away first: setuptools would install modules that are no longer in src.
$(VENV)/.installed: pyproject.toml setup.py requirements.lock requirements-build.lock $(SOURCES)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock -r requirements-build.lock
	rm -rf build
	@echo "Installing gatewright: its request path is compiled first, which takes a minute."
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	touch $@

# In an environment of its own, because it pins an older `cryptography`. Where it cannot be installed its tests are skipped.
$(VENV)/sslyze/.installed: requirements-sslyze.lock
	rm -rf $(VENV)/sslyze
	$(PYTHON) -m venv $(VENV)/sslyze && \
	  $(VENV)/sslyze/bin/pip install --quiet --disable-pip-version-check -r requirements-sslyze.lock && touch $@ || \
	  { rm -rf $(VENV)/sslyze; echo "sslyze cannot be installed here; the tests that scan with it are skipped"; }

serve: $(VENV)/.installed  ## start the gateway with the embedded defaults (ARGS="--workers 2" adds options)
	@exec $(BIN)/gatewright serve $(ARGS)

check: $(VENV)/.installed-dev  ## format, lint, types, import contracts
	$(BIN)/ruff format --check src tests bench setup.py
	$(BIN)/ruff check src tests bench setup.py
	$(BIN)/mypy
	PYTHONPATH=src $(BIN)/lint-imports

# Once with the sources, and what was compiled once more as it was installed.
unit: $(VENV)/.installed-dev  ## the fast tests
	$(BIN)/pytest -q -n auto -m "not e2e"
	$(BIN)/pytest -q -n auto -m "not e2e" -o pythonpath=tests tests/core tests/dataplane tests/model

# The commands that the tests drive are first those that requirements-dev.lock pins.
e2e: $(VENV)/.installed-dev $(VENV)/sslyze/.installed  ## the tests that start real processes
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pytest -q -m e2e

fuzz: $(VENV)/.installed-dev  ## HTTP/1.1 from hostile clients and backends, coverage-guided (ARGS="--seconds 600")
	@for kind in requests answers; do PYTHONPATH=src:tests $(BIN)/python -m fuzz.http1 $$kind $(ARGS) || exit 1; done

test: check unit e2e  ## everything: what CI runs

bench: $(VENV)/.installed-dev  ## the HTTPS path beside nginx, HAProxy and Envoy (ARGS are passed on)
	$(BIN)/python -m bench $(ARGS)

lock: $(VENV)/.installed-dev  ## pin today's versions
	$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet '.[acme,cache]' && \
	  $(VENV)/lock/bin/pip freeze --exclude gatewright > requirements.lock && \
	  $(VENV)/lock/bin/pip install --quiet '.[acme,cache,dev]' && $(VENV)/lock/bin/pip freeze --exclude gatewright > requirements-dev.lock
	rm -rf $(VENV)/lock && $(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet 'setuptools>=80' 'mypy==2.4.1' && \
	  $(VENV)/lock/bin/pip freeze --all --exclude pip > requirements-build.lock
	rm -rf $(VENV)/lock && $(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet sslyze && \
	  $(VENV)/lock/bin/pip freeze > requirements-sslyze.lock

clean:  ## forget the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
