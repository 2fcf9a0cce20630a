# Works on a machine with Python 3.11 or newer, pip and make, and nothing else.
PYTHON   ?= python3
VENV     ?= .venv
HOME_DIR ?=
PORT     ?= 8501
WORKERS  ?= 2
SCALE    ?= S

BIN      := $(VENV)/bin
PIP      := $(BIN)/python -m pip --disable-pip-version-check --quiet
AT       := $(if $(HOME_DIR),--home "$(HOME_DIR)")

.PHONY: run test lint format bench lock wheel clean

run: $(VENV)/.run            ## start the cockpit with the sample firm
	$(BIN)/sales-cockpit demo --port $(PORT) $(AT)

test: lint                   ## everything that CI checks
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile

lint: $(VENV)/.dev           ## style, types and the one-way flow between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev          ## ratios of benchmarks/README.md, into benchmarks/out
	$(BIN)/python -m benchmarks run --scale $(SCALE)

lock:                        ## renew both lock files from pyproject.toml
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip --quiet install "uv>=0.9"
	$(VENV)-lock/bin/uv pip compile --quiet --upgrade $(LOCK) -o requirements.lock
	$(VENV)-lock/bin/uv pip compile --quiet --upgrade $(LOCK) --extra dev -c requirements.lock -o requirements-dev.lock
	rm -rf $(VENV)-lock
LOCK := --universal --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 \
        --custom-compile-command "make lock" pyproject.toml

wheel: $(VENV)/.dev
	$(BIN)/python -m build --wheel

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache

# One virtual environment; a stamp per set of packages, so that a second call does nothing.
$(VENV)/.made:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed (make PYTHON=python3.12 ...)')"
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.made requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@touch $@
