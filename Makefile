# play: start the demo.  test: everything.  check: what can be judged in two minutes.
# Needs Python 3.11 or newer; the rest is installed into .venv and static/node_modules.

PYTHON ?= $(shell command -v python3 || command -v python)
PREPARE = "$(or $(PYTHON),python3)" tools/bootstrap.py
ARGS ?=

.PHONY: play test check bench format clean

play:
	@$(PREPARE) play -- coplay demo $(ARGS)

test:
	@$(PREPARE) test -- python -m tools.check --all $(ARGS)

check:
	@$(PREPARE) check -- python -m tools.check $(ARGS)

# Each is run by hand: ONLY=load, explainers, drawing, training, pack_build or quality runs one with ARGS; without ONLY all run in turn.
bench:
	@set -e; for name in $(or $(ONLY),load explainers drawing training pack_build quality); do \
	  $(PREPARE) check -- python -m tests.bench.$$name $(ARGS); done

# Also rewrites what is generated: docs/reference and static/types.d.ts.
format:
	@$(PREPARE) check -- python -m tools.check --write

clean:
	rm -rf .venv static/node_modules dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
