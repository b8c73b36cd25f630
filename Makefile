# Every target works by itself in a fresh clone: it creates .venv when it must.
# Override on the command line: make setup PYTHON=python3.12 TORCH="torch==2.13.0"

PYTHON ?= python3
TORCH ?= torch==2.13.0
WORKERS ?= 2

BIN := .venv/bin
DEMO := .venv/.demo-done
SETUP := .venv/.setup-done

# Colour only on a terminal.
BOLD := $(if $(MAKE_TERMOUT),$(shell printf '\033[1;36m'))
PLAIN := $(if $(MAKE_TERMOUT),$(shell printf '\033[0m'))
step = @printf '%s\n' '$(BOLD)== $(1)$(PLAIN)'

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup demo test lint docs bench fix check

help:  ## show this list
	@printf '%s\n' 'fieldwise: usage is "make TARGET"; each target installs what it needs.' ''
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  $(BOLD)%-6s$(PLAIN)  %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '%s\n' '' 'Start with "make demo". Before a commit: "make fix test check".'

setup: $(SETUP)  ## create .venv and install everything (again when pyproject.toml changes)

demo: $(DEMO)  ## fit three models on a year of flights, print their scores
	@$(BIN)/fieldwise demo

test: $(SETUP)  ## unit tests, doctests, README, runtime shape checks (WORKERS=2)
	$(call step,tests)
	@OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/pytest -q -n $(WORKERS) --dist worksteal

lint: $(SETUP)  ## style, types, docstrings, import contracts
	$(call step,style: ruff check)
	@$(BIN)/ruff check --quiet .
	$(call step,format: ruff format)
	@$(BIN)/ruff format --check --quiet .
	$(call step,types: mypy)
	@$(BIN)/mypy
	$(call step,docstrings: pydoclint)
	@$(BIN)/pydoclint --quiet fieldwise
	$(call step,architecture: lint-imports)
	@$(BIN)/lint-imports --no-logo

docs: $(SETUP)  ## build the site into site/, warnings are errors
	$(call step,docs: mkdocs)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: $(SETUP)  ## Frappe beside the published figures (half an hour; needs the data)
	$(call step,quality: python -m benchmarks.quality)
	@$(BIN)/python -m benchmarks.quality

fix: $(SETUP)  ## let ruff repair and format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

check: lint docs  ## lint and docs (with "make test": all that .ci/run asks)

# The stamps: what is installed is newer than pyproject.toml. torch goes first, so
# that TORCH alone decides which build of it everything else settles on.
$(DEMO): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ printf '%s\n' 'PYTHON must be Python 3.11 or newer, got $(PYTHON). Try: make setup PYTHON=python3.12'; exit 1; }
	$(call step,installing $(TORCH) and fieldwise into .venv (once; minutes on a slow line))
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install -qq --upgrade pip
	@$(BIN)/pip install -qq $(TORCH)
	@$(BIN)/pip install -qq --editable '.[demo,report]'
	@touch $@

$(SETUP): $(DEMO)
	$(call step,installing the tools of development)
	@$(BIN)/pip install -qq --editable '.[demo]' --group dev --group docs
	@touch $@
