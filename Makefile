# What a newcomer needs: `make demo`, `make test`, `make check`. Each sets up what it needs, once, and says what it is doing.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
# Older than pyproject.toml: what it asks for is not installed yet.
INSTALLED := $(VENV)/.installed
# How the demo's speech engine is spoken to.
DIALECT ?= sip
# How long all fuzzing targets together take, and which: none names all of tests/fuzz/targets.
SECONDS ?= 60
TARGETS ?=
# The chaos run: how many customers call, and the seed of its plan; none: any, and it is said.
CALLS ?= 300
SEED ?=
# What is measured (none: everything), the runs whose medians count, and whether the table goes into the README.
NAMES ?=
RUNS ?= 5
README ?=
# How long the soak takes.
MINUTES ?= 10
# Tests mostly wait for calls to pass: more of them at once than there are cores.
TEST_PROCESSES ?= 6
# Bytecode is kept, whatever the environment says: else each of the tests' processes compiles everything again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help venv sipp chromium check test demo bench fuzz chaos soak clean

help: ## say what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

venv: $(INSTALLED) ## a virtual environment in .venv with the bridge and its tools

demo: $(INSTALLED) ## three calls from end to end on this machine; DIALECT=sip, rtp, twilio, openai or deepgram
	@$(BIN)/livevox-bridge demo --dialect $(DIALECT)

test: $(INSTALLED) sipp chromium ## all tests, with real SIPp and a real browser
	@echo "==> Running the tests that measure times, one by one"
	$(BIN)/pytest -m alone $(PYTEST_ARGS)
	echo "==> Running all others, $(TEST_PROCESSES) at once"
	$(BIN)/pytest -m 'not alone' -n $(TEST_PROCESSES) $(PYTEST_ARGS)

check: $(INSTALLED) ## lint, format, types, import contracts, and the example settings
	@echo "==> ruff"
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	echo "==> mypy --strict"
	$(BIN)/mypy
	echo "==> import contracts"
	$(BIN)/lint-imports
	echo "==> example settings"
	LIVEVOX_TOKEN=unused LIVEVOX_PASSWORD=unused $(BIN)/livevox-bridge check --config config/bridge.example.toml
	$(BIN)/livevox-bridge check --config config/demo.toml

bench: $(INSTALLED) ## how fast it is, on loopback: a table and JSON; RUNS=5, NAMES="relayed setup", QUICK=yes, README=yes
	@$(BIN)/python -m tests.benchmarks --runs $(RUNS) $(if $(QUICK),--quick) $(if $(README),--readme) $(NAMES)

fuzz: $(VENV)/.fuzz ## coverage-guided fuzzing of all that reads what strangers send; SECONDS=60 in all, TARGETS="sdp rtp"
	@echo "==> Fuzzing for $(SECONDS) s; what is found becomes a case in tests/data that every make test tries again"
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS) $(TARGETS)

chaos: $(INSTALLED) ## calls of all endings while everything is killed and LiveVox fails; CALLS=300, SEED=7 for the same plan again
	@echo "==> About $$(( $(CALLS) / 2 + 60 )) s; CALLS=$(CALLS)"
	$(BIN)/python -m tests.chaos --calls $(CALLS) $(if $(SEED),--seed $(SEED))

soak: $(INSTALLED) ## steady calls over every kind of engine, then nothing has grown: memory, files, tasks, tables; MINUTES=10
	@$(BIN)/python -m tests.soak --minutes $(MINUTES)

clean: ## remove .venv and the tools' caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .fuzz

$(INSTALLED): pyproject.toml
	@fits() { "$$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null; }
	python=
	for candidate in python3 python3.11 python3.12; do
		if fits $$candidate; then python=$$candidate; break; fi
	done
	if [ -z "$$python" ]; then
		echo "No Python 3.11 or 3.12 is here (pjsua2-python has no wheel for others). On Debian 12: apt-get install python3" >&2
		exit 1
	fi
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then
		package="$$($$python -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
		if [ "$$(id -u)" != 0 ]; then
			echo "$$python cannot make virtual environments. Run: sudo apt-get install $$package" >&2
			exit 1
		fi
		echo "==> Installing $$package (apt)"
		apt-get update -qq
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$$package" >/dev/null
	fi
	if ! fits $(BIN)/python || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then
		echo "==> Making $(VENV) with $$($$python --version)"
		$$python -m venv --clear $(VENV)
	fi
	echo "==> Installing the bridge and its tools into $(VENV) (about a minute the first time)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

$(VENV)/.fuzz: $(INSTALLED)
	@echo "==> Installing atheris into $(VENV)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	touch $@

chromium:
	@for name in chromium chromium-browser google-chrome; do if command -v $$name >/dev/null; then exit 0; fi; done
	if [ "$$(id -u)" != 0 ]; then
		echo "The tests of the dashboard need Chromium. Run: sudo apt-get install chromium" >&2
		exit 1
	fi
	echo "==> Installing chromium (apt)"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null

sipp:
	@if command -v sipp >/dev/null; then exit 0; fi
	if [ "$$(id -u)" != 0 ]; then
		echo "The tests need SIPp. Run: sudo apt-get install sip-tester" >&2
		exit 1
	fi
	echo "==> Installing sip-tester (apt)"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends sip-tester >/dev/null
