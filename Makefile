# `make run` brings the dashboard up, `make test` runs every test; each installs what it needs first.
.DELETE_ON_ERROR:
.PHONY: run test check bench soak sheets figure docs format system system-test clean

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
GL     := libegl1 libegl-mesa0 libgl1-mesa-dri libgles2
ARGS   ?=

run: $(VENV)/.run system
	$(BIN)/perturber serve $(ARGS)

test: $(VENV)/.test system-test
	$(BIN)/pytest $(ARGS)

check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.run system
	$(BIN)/perturber bench $(ARGS)

soak: $(VENV)/.test system
	PYTHONPATH=. $(BIN)/python tools/soak.py $(ARGS)

sheets: $(VENV)/.test system
	PYTHONPATH=. $(BIN)/python tools/contact_sheets.py

figure: $(VENV)/.run system
	$(BIN)/python tools/figure_7_1.py

docs: $(VENV)/.run
	$(BIN)/perturber parameters > docs/parameters.md

format: $(VENV)/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(VENV)/bin/python:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || sh tools/system-packages.sh python3-venv
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@ $(VENV)/.run

# What pip can't bring. As root or with sudo it is installed, else the one line to run is printed.
system:
	@sh tools/system-packages.sh $(GL)

system-test:
	@sh tools/system-packages.sh $(GL) chromium

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
