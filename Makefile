# CSCX Engage. `make run` starts it, `make test` proves it; `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help

PORT ?= 8501
# Test processes. Many tests wait for others' programs, so one more than a small machine has cores.
JOBS ?= 3
# Each has a Chromium and servers of its own.
BROWSER_JOBS ?= 2
# Name another interpreter with: make run PYTHON=/opt/python3.12/bin/python3
PYTHON ?=

VENV := .venv
PY := $(VENV)/bin/python

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
# pyright's wrapper would otherwise ask the network whether it is the newest.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
# Python keeps what it compiled, also where the surroundings say otherwise: the tests start it a hundred times,
# and with nothing kept, each time takes twice as long. `make clean` removes it.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help run demo test check lint types format unit browser-test screenshots explore bench soak constraints clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-13s %s\n", $$1, $$2}'

run: $(VENV)/.installed ## start on http://localhost:8501 (another port: PORT=9000)
	@exec $(PY) -m streamlit run app.py --server.port $(PORT)

demo: $(VENV)/.installed ## the same with sample data and a person switcher, this machine only
	@CSCX_DEMO=1 $(MAKE) --no-print-directory run

test: lint ## everything: format, lint, types, layers, both databases, browser
	@$(MAKE) --no-print-directory -j2 types unit
	@$(MAKE) --no-print-directory browser-test
	@echo "All checks passed."

check: lint types ## format, lint, types and layers, without tests

lint: $(VENV)/.installed-dev
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -c 'from importlinter.cli import lint_imports_command as run; run()'

types: $(VENV)/.installed-dev
	$(PY) -m pyright

unit: $(VENV)/.installed-dev ## the tests on SQLite and Postgres, without the browser
	POLARS_MAX_THREADS=1 $(PY) -m pytest -n $(JOBS) --dist worksteal -m "not browser and not soak and not bench"

browser-test: $(VENV)/.installed-dev ## the tests that open the app in Chromium
	@$(PY) -m tests.support.chromium --install
	$(PY) -m pytest -n $(BROWSER_JOBS) --dist loadfile tests/browser -m "browser and not soak and not bench and not screenshots"

screenshots: $(VENV)/.installed-dev ## draw the pictures of README and guide anew
	@$(PY) -m tests.support.chromium --install
	$(PY) -m pytest -n 0 tests/browser/test_screenshots.py -m screenshots

explore: $(VENV)/.installed-dev ## the properties again, with examples nobody has tried yet
	HYPOTHESIS_PROFILE=explore $(PY) -m pytest -n $(JOBS) \
	  $$(grep -rlE '@given|RuleBasedStateMachine' tests --include='test_*.py')

format: $(VENV)/.installed-dev ## rewrite the code in the project's format
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .

bench: $(VENV)/.installed-dev ## measure the figures of docs/benchmarks.md, and test what takes as long
	$(PY) -m bench
	$(PY) -m pytest -s -m bench

soak: $(VENV)/.installed-dev ## the long tests
	$(PY) -m pytest -s -m soak

constraints: | $(PY) ## write constraints.txt anew; on Python 3.11, the oldest supported
	@$(PY) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo "Only on Python 3.11: make clean, then make constraints PYTHON=python3.11" >&2; exit 1; }
	@rm -rf $(VENV)/fresh && $(PY) -m venv $(VENV)/fresh
	@$(VENV)/fresh/bin/python -m pip install --quiet -r requirements-dev.txt
	@{ grep '^#' constraints.txt; $(VENV)/fresh/bin/python -m pip freeze; } > $(VENV)/fresh/constraints.txt
	@mv $(VENV)/fresh/constraints.txt constraints.txt && rm -rf $(VENV)/fresh

clean: ## remove the environment and all caches; data stays
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are written last, so an interrupted installation is taken up again.
$(VENV)/.installed: requirements.txt constraints.txt | $(PY)
	@echo "Installing requirements.txt ..."
	@$(PY) -m pip install --quiet -r requirements.txt -c constraints.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing requirements-dev.txt ..."
	@$(PY) -m pip install --quiet -r requirements-dev.txt -c constraints.txt
	@touch $@

# Checked for pip: `python -m venv` leaves a half-made one where ensurepip is missing.
$(PY):
	@for candidate in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14 python; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    found=$$candidate; break; \
	  fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "CSCX Engage needs Python 3.11 or newer. Install it, or name it: make run PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	rm -rf $(VENV); \
	if "$$found" -m venv $(VENV) >/dev/null 2>&1 && $(PY) -m pip --version >/dev/null 2>&1; then \
	  echo "Made $(VENV) with $$($(PY) --version)"; \
	else \
	  rm -rf $(VENV); \
	  echo "$$found cannot make an environment. On Debian or Ubuntu: apt-get install python3-venv; then run make again." >&2; exit 1; \
	fi
