# make demo   coach a shipped call and show the cues      make test   run the tests
# make lint   format, lint and types                      make bench  ours beside its peers, a table
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
SPEED  ?=
LANG_  := $(if $(DEMO_LANG),--lang $(DEMO_LANG))

.PHONY: demo test lint bench format clean

demo: $(VENV)/installed
	$(BIN)/coach demo $(LANG_) $(if $(SPEED),--speed $(SPEED))

test: $(VENV)/installed-test
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/installed-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/installed-bench
	$(BIN)/python -m bench $(BENCH)

clean:
	rm -rf $(VENV) build dist *.egg-info

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --editable .
	touch $@

$(VENV)/installed-test: pyproject.toml tests/packages | $(BIN)/python
	tests/packages
	$(BIN)/python -m pip install --editable '.[test,speech]'
	touch $@ $(VENV)/installed

# without espeak-ng the bench of the pace says that it is missing, and the others run
$(VENV)/installed-bench: pyproject.toml tests/packages | $(BIN)/python
	-tests/packages espeak-ng
	$(BIN)/python -m pip install --editable '.[bench,speech]'
	touch $@ $(VENV)/installed
