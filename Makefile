# `make demo` and `make test` need nothing but Python 3.11+ and make: both make the environment first.

# The tests start the bot hundreds of times: it is compiled once.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
RUN := .venv/bin/python
BIN := .venv/bin
INSTALLED := .venv/installed.lock
COMPILE = uv pip compile pyproject.toml --extra postgres --generate-hashes --no-emit-index-url --no-header --python-version 3.11

# Pytest ends with status 5 when it finds no test: then the target says so instead of passing as if something had been seen.
define marked
@$(RUN) -m pytest -m $(1) || { status=$$?; [ $$status -eq 5 ] && echo "No test carries the marker $(1) yet: nothing was tested here." || exit $$status; }
endef

.PHONY: env demo story test test-fuzz test-postgres test-kill test-stories check bench soak mutants lock FORCE

# Installed again only when the lock file is another than the one that was installed.
env:
	@cmp -s requirements-dev.lock $(INSTALLED) || $(MAKE) --no-print-directory $(INSTALLED)
	@$(RUN) -m demo.client

$(INSTALLED): FORCE
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Samrum needs Python 3.11 or later: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv
	$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@cp requirements-dev.lock $@

FORCE:

demo: env
	@$(RUN) -m demo

story: env
	@$(RUN) -m demo --story

test: env
	$(RUN) -m pytest -n 3 --dist worksteal -m "not fuzz and not kill and not story and not postgres" --cov --cov-report=term
	$(BIN)/coverage report --include="care/*" --fail-under=100

# All of it again on PostgreSQL, with what only it can do. The server's programs must be there: a server of its own is started and ended.
test-postgres: env
	SAMRUM_TEST_DATABASE=postgres $(RUN) -m pytest -n 3 --dist worksteal -m "not fuzz and not kill and not story" --ignore=tests/care --ignore=tests/texts --ignore=tests/demo

# Ten thousand messages, read by the reader and by the oracle of the tests.
test-fuzz: env
	$(call marked,fuzz)

test-kill: env
	$(call marked,kill)

test-stories: env
	$(call marked,story)

check: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(RUN) -m bot.config_example --check
	$(RUN) -m commands.reference --check
	$(RUN) -m tests.texts.gallery --check
	$(RUN) -m pytest -q tests/test_locks.py

bench: env
	$(RUN) -m bench

# Hours; may be ended and begun again (KILLS=… for fewer).
KILLS ?= 1000
soak: env
	$(RUN) -m tests.soak --kills $(KILLS)

mutants: env
	$(RUN) -m tests.mutants

# Needs uv, on the machine of whoever changes a dependency.
lock:
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --group dev --output-file requirements-dev.lock
