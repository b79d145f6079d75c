PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run serve test fuzz setup setup-dev lint bench lower-bounds clean

# The main job: the default scenario, its summary on the screen and its brief in out/.
run: setup
	$(BIN)/dualtrack run h200-truce --out out

# The explorer, in the browser.
serve: setup
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[web]'
	$(BIN)/dualtrack serve

# Everything that has to hold: tests, lint, types, layers, and the soundness of facts, rules and pages.
test: setup-dev lint
	tools/chromium.sh
	$(BIN)/dualtrack check
	$(BIN)/python -m pytest -n 2 --dist loadfile -rs

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: $(VENV)/.installed
setup-dev: $(VENV)/.installed-dev

$(VENV)/bin/pip:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; name one with: make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/pip pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[excel,study]'
	touch $@

$(VENV)/.installed-dev: $(VENV)/bin/pip pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

# Random tests with new seeds each time.
fuzz: setup-dev
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest tests/simulate tests/futures tests/rules tests/facts

# The suite with the oldest libraries that pyproject.toml allows, in an environment of its own.
lower-bounds: setup-dev
	$(PYTHON) -m venv .venv-lower
	.venv-lower/bin/pip install --quiet --disable-pip-version-check -c lower-bounds.txt -e ".[excel,zarr,study,cluster,web]" pytest hypothesis httpx httpx2
	.venv-lower/bin/python -m pytest -W default --ignore tests/simulate/test_numpy_and_jax.py --ignore-glob "tests/web/test_browser*.py" --ignore tests/web/test_fuzz.py

bench: setup-dev
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'
	$(BIN)/python benchmarks/table.py
	$(BIN)/python benchmarks/decide.py
	$(BIN)/python benchmarks/allocate.py
	$(BIN)/python benchmarks/studies.py
	$(BIN)/python benchmarks/explorer.py

clean:
	rm -rf $(VENV) .venv-lower out .pytest_cache .mypy_cache .ruff_cache .hypothesis
