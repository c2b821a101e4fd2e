# The main jobs, from a fresh clone with python3 and make alone. What is installed goes to .venv;
# stamp files there make the second run quick.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= mfa-demo
# The tests of one file stay together, as they share what they prepare.
SPREAD := -n auto --dist loadfile

.PHONY: demo test quick lint format data docs clean

demo: $(VENV)/installed
	$(BIN)/mfa demo --out $(OUT)

# All tests; those of the whole region take some minutes. "make quick" leaves them out.
test: $(VENV)/developed
	$(BIN)/python -m pytest -q -m "" $(SPREAD)

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

clean:
	rm -rf $(VENV) build dist *.egg-info

$(VENV)/made:
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/installed: $(VENV)/made pyproject.toml setup.py
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/developed: $(VENV)/made pyproject.toml setup.py
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	touch $(VENV)/installed $@
