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

.PHONY: help venv sipp check test demo clean

help: ## say what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

venv: $(INSTALLED) ## a virtual environment in .venv with the bridge and its tools

demo: $(INSTALLED) ## three calls from end to end on this machine: no secrets, no settings
	@$(BIN)/livevox-bridge demo

test: $(INSTALLED) sipp ## all tests, with real SIPp
	@echo "==> Running all tests"
	$(BIN)/pytest $(PYTEST_ARGS)

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

clean: ## remove .venv and the tools' caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

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

sipp:
	@if command -v sipp >/dev/null; then exit 0; fi
	if [ "$$(id -u)" != 0 ]; then
		echo "The tests need SIPp. Run: sudo apt-get install sip-tester" >&2
		exit 1
	fi
	echo "==> Installing sip-tester (apt)"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends sip-tester >/dev/null
