# The words of this project. CI uses the same ones. `make help` lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup check format test test-fast test-live live-parts chaos bench bench-full bench-micro fuzz demo docs lock clean

help: ## say what the words are
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(STAMP) ## make .venv from the locked dependencies

$(STAMP): requirements/dev.txt pyproject.toml
	scripts/setup-venv "$(PYTHON)" "$(VENV)"
	@touch $@

check: setup ## lint, formatting, types, generated documents, known vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m generic_connector.documents --check
	scripts/audit "$(BIN)"

format: setup ## put every file into the project's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test-fast: setup ## pure tests and journeys: no real parts, three minutes on two processors
	$(BIN)/pytest -n auto -m "not live and not conformance"

live-parts: ## install ActiveMQ, Java, prosody, ejabberd, PostgreSQL and Redis (root on Debian), or say how
	scripts/install-live-parts

test: setup live-parts ## every test, the live ones too where their parts are there
	scripts/run-tests "$(BIN)"

test-live: setup live-parts ## only the tests with real parts
	$(BIN)/pytest -m live

chaos: setup live-parts ## play faults under load on a site of real processes; FAULTS="a part of a name" for some
	PYTHONPATH=tests $(BIN)/python -m chaos --faults "$(FAULTS)" --out chaos.json

bench: setup live-parts ## measure latency, processor and memory on a site of real processes, under 5 minutes
	PYTHONPATH=tests $(BIN)/python -m bench

bench-full: setup live-parts ## the same with 200, 2,000 and 5,000 agents at 850 events a second, and half an hour of soak
	PYTHONPATH=tests $(BIN)/python -m bench --agents 200,2000,5000 --calls 100 --seconds 120 --talk 1.5 --commands 200 --soak 1800

bench-micro: setup ## measure the steps of the hot path, in microseconds
	PYTHONPATH=tests $(BIN)/python -m bench.micro --json bench-micro.json

fuzz: ## look for hostile input that does harm: FUZZ_SECONDS for each target, 60 when unset (Python 3.11 to 3.13)
	scripts/fuzz

demo: setup ## the main job on embedded defaults: no Java, no Cisco
	$(BIN)/generic-connector demo --once

docs: setup ## write the generated documents
	$(BIN)/python -m generic_connector.documents

lock: ## resolve the dependencies anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --group fuzz -c requirements/run.txt -o requirements/fuzz.txt

clean: ## remove what was made here
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .venv-fuzz .fuzz build dist
