# The main jobs, from a fresh clone with python3 and make alone. What is installed goes to .venv;
# stamp files there make the second run quick.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= mfa-demo
LOWEST_TESTS ?= flows models mfa tests/flows tests/models tests/mfa
# The tests of one file stay together, as they share what they prepare; tests/conftest.py puts long files first.
SPREAD := -n auto --dist loadfile --no-loadscope-reorder

.PHONY: demo test quick lint format data docs site lowest sbom audit clean

demo: $(VENV)/installed
	$(BIN)/mfa demo --out $(OUT)

# All tests but the exhaustive ones (of which others take a sample); those of the whole region take some minutes. "make quick" leaves them out.
test: $(VENV)/developed
	$(BIN)/python -m compileall -q flows mfa models reports
	$(BIN)/python -m pytest -q -m "not exhaustive" $(SPREAD)

quick: $(VENV)/developed
	$(BIN)/python -m pytest -q $(SPREAD)

lint: $(VENV)/developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/developed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

data: $(VENV)/developed
	$(BIN)/python -m data.build

docs: $(VENV)/developed
	$(BIN)/python docs/make_reference.py
	$(BIN)/python docs/make_capital_region.py

# The pages as a site in build/site; a reference that leads nowhere is an error.
site: $(VENV)/documented
	$(BIN)/python -m sphinx -q -W --keep-going -n -b html docs build/site

# What a release consists of (CycloneDX), from an environment with the program and nothing else.
sbom: build/released/.made
	build/released/.tools/bin/cyclonedx-py environment build/released/bin/python --pyproject pyproject.toml \
		--output-reproducible --of JSON -o build/circular-mfa.cdx.json

# Known weaknesses of what is shipped; fails on one, and names what the registry would not tell about.
audit: build/released/.made
	build/released/.tools/bin/python -m pip --python build/released/bin/python freeze | grep "==" > build/released/pins.txt
	build/released/.tools/bin/pip-audit --disable-pip --no-deps -r build/released/pins.txt

build/released/.made: pyproject.toml
	rm -rf build/released
	$(PYTHON) -m venv --without-pip build/released
	$(PYTHON) -m venv build/released/.tools
	build/released/.tools/bin/python -m pip install --quiet --disable-pip-version-check "cyclonedx-bom>=7" "pip-audit>=2.7"
	build/released/.tools/bin/python -m pip --python build/released/bin/python install --quiet --disable-pip-version-check .
	touch $@

# The tests with the lowest version of every dependency that pyproject.toml allows, under PYTHON. Those of years ago use
# of one another what is deprecated by now; that is no mistake of ours.
lowest:
	rm -rf build/lowest
	$(PYTHON) -m venv build/lowest
	$(PYTHON) .ci/lowest.py > build/lowest/pins.txt
	build/lowest/bin/python -m pip install --quiet --disable-pip-version-check -r build/lowest/pins.txt -e . "pytest>=8" "pytest-xdist>=3.7" "hypothesis>=6.100"
	build/lowest/bin/python -m pytest -q -W ignore::DeprecationWarning $(SPREAD) $(LOWEST_TESTS)

clean:
	rm -rf $(VENV) build dist *.egg-info

$(VENV)/made:
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/installed: $(VENV)/made pyproject.toml setup.py
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/documented: $(VENV)/made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[docs]"
	touch $@

$(VENV)/developed: $(VENV)/made pyproject.toml setup.py
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	touch $(VENV)/installed $@
