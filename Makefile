# make compare   install into .venv and compare the four core scenarios
# make app       install into .venv and open the cockpit
# make explore   sweep seven levers in three worlds, and build build/explore/index.html: some minutes
# make test      install into .venv and run the tests: about 25 minutes on two cores
# make test-fast the same without the slow ones: a few minutes
# make test-thorough those that repeat at length what shorter ones look at: coverage of intervals, every claim's size
# make test-pyam pyam reads the table of --format iamc, in an environment of its own
# make lint      ruff and mypy
# make docs      the documentation as a site in build/site, to be opened as it is
# make bench     time the simulator
# make smoke     install the oldest and the newest versions that pyproject.toml allows, and run the main commands
# make lock      choose newer versions for requirements.lock and constraints.txt
# make calibrate redo the posterior from nothing: 240,000 runs, about ten minutes on two cores
# Another Python: make compare PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

CORE := scenarios/light_rivalry.toml scenarios/light_cooperation.toml \
        scenarios/strict_rivalry.toml scenarios/strict_cooperation.toml

.PHONY: compare app explore test test-fast test-thorough test-pyam lint docs bench smoke smoke-oldest smoke-newest lock calibrate clean
.DEFAULT_GOAL := compare

compare: $(VENV)/installed
	$(BIN)/airace compare $(CORE) --runs 200 --theories --out out

app: $(VENV)/installed-app
	$(BIN)/airace app

explore: $(VENV)/installed
	$(BIN)/airace sweep explorer --out build/explore/sweep
	$(BIN)/airace explore build/explore/sweep --out build/explore/index.html

test: $(VENV)/installed-dev
	$(BIN)/python -c "import sim; sim.simulate(sim.Scenario.load('baseline'), runs=1, months=1)"  # compiles the rules once
	$(BIN)/python -m pytest -n 3 -m "not thorough"

test-fast: $(VENV)/installed-dev
	$(BIN)/python -c "import sim; sim.simulate(sim.Scenario.load('baseline'), runs=1, months=1)"  # compiles the rules once
	$(BIN)/python -m pytest tests -n 2 -m "not slow"

test-thorough: $(VENV)/installed-dev
	$(BIN)/python -c "import sim; sim.simulate(sim.Scenario.load('baseline'), runs=1, months=1)"  # compiles the rules once
	$(BIN)/python -m pytest -n 2 -m thorough

test-pyam: build/pyam/bin/python
	build/pyam/bin/python -m pytest -n 0 -p no:cacheprovider tests/studies/keeping/test_iamc.py

build/pyam/bin/python: pyproject.toml
	rm -rf build/pyam
	$(PYTHON) -m venv build/pyam
	build/pyam/bin/python -m pip install --quiet --disable-pip-version-check ".[dev]" pyam-iamc "sqlalchemy<2.1"

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy

docs: $(VENV)/installed
	$(PIP_INSTALL) -e ".[docs]"
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "written: build/site/index.html" >&2

bench: $(VENV)/installed-dev
	$(BIN)/python benchmarks/bench.py

smoke: smoke-oldest smoke-newest

smoke-oldest smoke-newest:
	.ci/smoke $(@:smoke-%=%)

lock: $(VENV)/installed-dev
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet pyproject.toml --extra dev --universal --python-version 3.11.5 --upgrade \
	    --generate-hashes --no-annotate --no-header --output-file requirements.lock
	grep '^[a-z]' requirements.lock | grep -v "darwin\|pypy'" | sed 's/ *\\$$//' > constraints.txt

calibrate: $(VENV)/installed
	$(BIN)/python -m sim.studies.forecasting.calibrate scenarios/history/history_forced.toml

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@command -v $(PYTHON) > /dev/null || { echo "airace needs Python 3.11 or newer; $(PYTHON) is not installed. Name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "airace needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing airace into $(VENV): a minute or two the first time" >&2
	$(PIP_INSTALL) -e .
	@touch $@

$(VENV)/installed-app: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing airace and its cockpit into $(VENV): a minute or two the first time" >&2
	$(PIP_INSTALL) -e ".[app]"
	@touch $(VENV)/installed $@

# What tests run with is held to the hashes in requirements.lock; all of it, so nothing is left to resolve.
$(VENV)/installed-dev: pyproject.toml requirements.lock | $(BIN)/python
	@echo "Installing airace and its test tools into $(VENV): a minute or two the first time" >&2
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(VENV)/installed $(VENV)/installed-app $@
