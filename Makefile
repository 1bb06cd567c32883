# Two commands do everything on a fresh machine with Python >= 3.11:
#   make demo   the main job on the sample data; prints where the results lie
#   make test   every check and every test
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test check sample notebooks clean

demo: $(VENV)/.installed
	$(BIN)/landgis run sample_data/landgis.toml

test: check
	$(BIN)/python -m pytest -n 2

check: $(VENV)/.installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m numpydoc lint $$(find src/landgis -name '*.py' -not -path '*/cli/*' -not -path '*/sample/*')

sample: $(VENV)/.installed
	$(BIN)/landgis sample sample_data

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "landgis needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-test: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,notebook]'
	@touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
