# `make help` lists what there is. Everything is set up in .venv; nothing outside of this folder is touched.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
# What was compiled is kept, also where the machine would have it otherwise: hundreds of processes start in the tests.
export PYTHONDONTWRITEBYTECODE :=
.PHONY: help run demo setup test quick soak bench lint types check spelling texts lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

run: .venv/run-ready ## start the bot: SQLite, web chat, console (settings: RETURNEE_BOT_…)
	@$(BIN)/returnee-bot run

demo: .venv/run-ready ## the same with invented people and a clock that the console can turn
	@RETURNEE_BOT_DATA_DIR=$${RETURNEE_BOT_DATA_DIR:-data/demo} $(BIN)/returnee-bot run --demo

setup: .venv/dev-ready ## set everything up in .venv, and nothing more

test: .venv/dev-ready ## the whole test suite, on SQLite and on PostgreSQL
	@$(BIN)/python -m tests.both

quick: .venv/dev-ready ## conversations, transcripts, routing and rendering, in seconds
	$(BIN)/python -m pytest tests/conversations tests/transcripts -x -q

soak: .venv/dev-ready ## a thousand deaths and a flood: what was lost? (SOAK="--kills 50 --database sqlite --seed 1": shorter)
	$(BIN)/python -m tests.faults.soak $(SOAK)

BENCH ?= --save
bench: .venv/dev-ready ## speed against other bots, growth, reminders, broadcast (BENCH="--rounds 1 --secs 3": quick)
	$(BIN)/python tests/benchmarks/run.py $(BENCH)

lint: .venv/dev-ready ## style and import contracts
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: .venv/dev-ready ## mypy, strict
	$(BIN)/mypy

check: .venv/dev-ready ## what is wrong with conversations, texts and facts
	$(BIN)/returnee-bot check

spelling: .venv/dev-ready ## every word of every text, against Debian's dictionaries (fetched into .venv, without root)
	@$(BIN)/python -m tests.spelling

texts: .venv/dev-ready ## bring the catalogues up to the texts in the code
	@$(BIN)/returnee-bot texts

lock: ## renew the lock files (needs uv: pip install uv)
	uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
	  --upgrade pyproject.toml --extra setup -o requirements.txt
	uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
	  --upgrade pyproject.toml --extra setup --extra dev -c requirements.txt -o requirements-dev.txt

clean: ## remove .venv and caches; data stays
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis build *.egg-info

# Debian may have Python without its venv module: then virtualenv makes the folder.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed."; exit 1; }
	@$(PYTHON) -m venv .venv 2>/dev/null || { rm -rf .venv && \
	  $(PYTHON) -m pip install -q --target .bootstrap virtualenv && \
	  PYTHONPATH=.bootstrap $(PYTHON) -m virtualenv -q .venv && rm -rf .bootstrap; }

.venv/run-ready: requirements.txt pyproject.toml | .venv/bin/python
	@echo "Setting up .venv (a minute or two, once) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation \
	  --config-settings editable_mode=compat -e .
	@touch $@

.venv/dev-ready: requirements-dev.txt .venv/run-ready
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
