# Two commands matter: `make demo` opens the program, `make test` proves it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

# The tests start hundreds of processes, each of which would compile the sources for itself.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check adapters sources format slow explore bench retrieval importing screenshots clean

help:  ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("memglass needs Python 3.11 or newer; say PYTHON=/path/to/python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.runtime

demo: $(VENV)/.runtime  ## make the demo memory and open it
	$(BIN)/memglass demo

test: $(VENV)/.dev  ## run the whole test suite
	$(BIN)/python -m pytest -n 4 --dist worksteal -q

check: $(VENV)/.dev  ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## format the sources
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

slow: $(VENV)/.dev  ## run the soaks (tens of minutes)
	MEMGLASS_SEED=$${MEMGLASS_SEED:-random} $(BIN)/python -m pytest -m slow -q -x --timeout=0

explore: $(VENV)/.dev  ## run the test suite with other random data than usual, and more of it
	MEMGLASS_SEED=$${MEMGLASS_SEED:-random} $(BIN)/python -m pytest -n 4 --dist worksteal -q --timeout=0

bench: $(VENV)/.dev  ## measure the figures of storage, search and the commands
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	$(BIN)/python benchmarks/storage.py
	$(BIN)/python benchmarks/search.py
	$(BIN)/python benchmarks/commands.py
	$(BIN)/python benchmarks/comparing.py

retrieval: $(VENV)/.dev  ## measure how well questions are answered; FILE=locomo.json
	@test -n "$(FILE)" || { echo "say FILE=/path/to/a/file/in/LoCoMo's/format.json"; exit 2; }
	$(BIN)/python benchmarks/retrieval.py "$(FILE)"

adapters: $(VENV)/.dev  ## install the frameworks of the adapters, and test these with them
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,openai-agents,langgraph]'
	$(BIN)/python -c 'import agents.testing, langgraph.graph, langgraph.store.base'
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -m 'slow or not slow' tests/storage/adapters tests/test_readme.py tests/test_library_guide.py

sources: $(VENV)/.dev  ## install what writes other memories, and test the importers with it
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,sources]'
	npm install --silent --prefix $(VENV) @modelcontextprotocol/server-memory
	$(BIN)/python -c 'import agents, langgraph.checkpoint.sqlite, llm, mem0.memory.storage'
	$(BIN)/python -m pytest -q tests/storage/importers

importing: $(VENV)/.dev  ## measure imports of a million messages and of a gigabyte of transcripts
	$(BIN)/python benchmarks/importing.py

screenshots: $(VENV)/.dev  ## draw screenshots/ anew from the demo memory
	$(BIN)/python screenshots/draw.py

docs/configuration.md: tui/config.py tui/config_text.py | $(VENV)/.dev
	$(BIN)/python -m tui.config_text > $@

docs/keys.md: tui/actions/*.py tui/keys_text.py | $(VENV)/.dev
	$(BIN)/python -m tui.keys_text > $@

clean:  ## remove the environment and what was built
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
