# Two commands matter: `make run` and `make test`. Each makes what it needs.
SHELL := /bin/sh
PY := .venv/bin/python
PYTEST := $(PY) -m pytest -q
PACKAGES := switch routing media announcement provisioning outbox voicemail config

.DEFAULT_GOAL := help
.PHONY: help run test demo check format lint types layers unit scenario coverage overall pure native \
        compiled torture shell \
        interop bench bench-replay storm fuzz prompts ready-run ready-test ready-bench ready-prompts clean

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: ready-run ## Start the switch; the first start makes a demonstration configuration
	@exec .venv/bin/daihyo run

test: ready-test ## Everything that must hold: format, lint, types, layers, tests, coverage, speed
	@for part in check lint types layers coverage pure compiled overall interop bench-replay; do \
	    echo "== $$part"; $(MAKE) --no-print-directory $$part || exit 1; \
	done

demo: ready-test ## Two real softphones call each other; see the ladder, the log, the record, the sound
	@$(PY) -m tests.demo

check: ready-test ## Is the code formatted?
	@$(PY) -m ruff format --check --quiet .

format: ready-test ## Format the code
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix --quiet . || true

lint: ready-test ## ruff, every rule that is not excused in pyproject.toml
	@$(PY) -m ruff check --quiet .

types: ready-test ## mypy, strict
	@$(PY) -m mypy

layers: ready-test ## import-linter: who may import whom
	@.venv/bin/lint-imports --no-cache --no-logo

unit: ready-test ## One module a test file, no network, no clock
	@$(PYTEST) tests/unit tests/torture -n 2

scenario: ready-test ## Whole calls in virtual time
	@$(PYTEST) tests/scenario -n 2

coverage: ready-test ## Unit and scenario tests, and what they leave untouched
	@rm -f .coverage .coverage.*
	@DAIHYO_PURE=source $(PY) -m coverage run -p -m pytest -q tests/unit tests/torture tests/scenario -n 2
	@$(PY) -m coverage combine -q
	@$(PY) -m tests.gate

overall: ready-test ## The shell's tests, and what all tests together leave untouched (after coverage)
	@DAIHYO_PURE=source $(PY) -m coverage run -p -m pytest -q tests/shell
	@$(PY) -m coverage combine -q --append
	@$(PY) -m tests.gate --overall

pure: ready-test ## The parser, the sockets and the relay again, without the native parts
	@DAIHYO_PURE=1 $(PYTEST) tests/unit tests/torture -n 2 -k "sip or transport or media"

native: ready-test ## Compile the hot packages anew when their sources have changed (a minute)
	@DAIHYO_PURE= $(PY) setup.py -q compile >.venv/compiled.log 2>&1 || \
	    echo "the hot packages could not be compiled (.venv/compiled.log): they run from source"

compiled: native ## Unit and scenario tests again, with the hot packages compiled
	@! command -v cc >/dev/null || $(PY) -c 'import switch, sys; sys.exit(None if switch.IS_COMPILED else \
	    "the hot packages did not compile: see .venv/compiled.log")'
	@$(PYTEST) tests/unit tests/torture tests/scenario -n 2

torture: ready-test ## RFC 4475 and RFC 5118
	@$(PYTEST) tests/torture tests/shell/test_torture.py

shell: ready-test ## Sockets, database, command line, on loopback
	@$(PYTEST) tests/shell

interop: ready-test ## Real softphones and SIPp
	@$(PYTEST) tests/interop -m interop

storm: ready-test ## 10,000 simulated calls under loss, duplication and reordering
	@$(PY) -m tests.scenario.ten_thousand --calls 10000 --seed 1

fuzz: ready-test ## The parsers under atheris, a minute each
	@$(PY) -m pip install --quiet --disable-pip-version-check "atheris>=3"
	@for target in tests/fuzz/fuzz_*.py; do echo "$$target"; PYTHONPATH=. $(PY) $$target -max_total_time=60 || exit 1; done

bench: ready-bench ## Ratios to Sippy, Kamailio and rtpengine in one run
	@$(PY) -m bench.compare

bench-replay: native ## A recorded call in process, as a ratio to a calibration loop: the regression gate
	@$(PY) -m bench.replay --gate

prompts: ready-prompts ## Make the spoken prompts whose texts changed, with the synthesisers of the speech extra
	@$(PY) -m tools.prompts make

ready-run ready-test ready-bench ready-prompts:
	@tools/setup.sh $(@:ready-%=%)

clean: ## Forget everything that was made
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis htmlcov .coverage*
	rm -f switch/sip/_scan.c switch/transport/_batch.c media/_relay.c
	rm -rf switch/_native
	find . -name '*.so' -not -path './.venv/*' -delete
