# DinDin's commands; `make help` lists them. Needs only Python 3.11 or newer, git and make.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes
PACKAGES := sh deploy/local/system_packages.sh
# More than there are cores on a small machine: many tests wait for processes to come, go, or be told.
TEST_PROCESSES ?= 4
TESTS ?=
# Whatever the machine is used to: what is compiled is kept, or each of some hundred processes compiles it again.
TEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile

RUN_REQUIREMENTS := requirements/worker.txt requirements/client.txt requirements/embedded.txt
RUN_READY := $(VENV)/.run-installed
DEV_READY := $(VENV)/.dev-installed
# An environment of its own, so that what is packed holds the client's packages and nothing else.
PACK := $(VENV)/pack
PACK_READY := $(PACK)/.installed

S := backend/sessions
RULES := $(S)/rules/*,$(S)/state.py,$(S)/tally.py,$(S)/deck.py,$(S)/ranking.py,$(S)/texts.py
RULES_COVERAGE := $(VENV)/.rules-coverage

.PHONY: help run doctor migrate retention audit-verify backup backup-verify restore rotate-keys test coverage rules-coverage alerts mutants client client-dist client-android demo lint audit typecheck lock bench bench-client cuts evening chaos soak words screenshots clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile
	@echo "  Settings are environment variables or lines in .env, for example: make run PORT=8080"

run: $(RUN_READY) ## start everything (with a MongoDB and a Valkey of its own unless you name yours); Ctrl-C stops it
	@$(PACKAGES) servers
	@[ -z "$$DISPLAY$$WAYLAND_DISPLAY" ] || $(PACKAGES) client || true
	@exec $(BIN)/python -m deploy.local run

client: $(RUN_READY) ## open the app; LINK=dindin://join/ABC234 follows an invitation
	@$(PACKAGES) client
	@exec $(BIN)/python -m deploy.local client $(if $(LINK),"$(LINK)")

client-dist: $(PACK_READY) ## pack the client as a program of its own, dist/dindin, and see that it opens (docs/client-packages.md)
	@$(PACKAGES) client
	@[ "$$(uname -s)" != Linux ] || command -v objdump >/dev/null || $(PACKAGES) install binutils
	@$(PACK)/bin/python -m PyInstaller --noconfirm --log-level WARN --distpath dist --workpath build/pyinstaller deploy/client/dindin.spec
	@[ "$$(uname -s)" != Linux ] || command -v Xvfb >/dev/null || $(PACKAGES) install xvfb
	@[ "$$(uname -s)" != Linux ] || $(PACK)/bin/python -m tests.client.first_screen dist/dindin/dindin

client-android: $(RUN_READY) ## build the app for Android: SERVER=https://... is the one it talks to (docs/client-packages.md)
	@command -v buildozer >/dev/null || { echo "Buildozer is not here: see docs/client-packages.md." >&2; exit 1; }
	@$(BIN)/python -m deploy.client.stage_phone build/phone $(SERVER)
	@cd client && buildozer android debug

demo: $(RUN_READY) ## friends to swipe with: CODE=ABC234 joins your session, AUTO=1 plays one in the terminal
	@[ -n "$(CODE)$(AUTO)" ] || { echo "Say which session the friends shall join: make demo CODE=ABC234; or watch one: make demo AUTO=1" >&2; exit 1; }
	@$(PACKAGES) servers
	@exec $(BIN)/python -m deploy.local demo $(if $(AUTO),--auto,--code "$(CODE)")

doctor: $(RUN_READY) ## look at everything that DinDin needs, and say what to do about what is wrong (docs/health.md)
	@$(PACKAGES) servers
	@exec $(BIN)/python -m deploy.local operate backend doctor

migrate: $(RUN_READY) ## move the database to the newest schema, or to TO=1; DRY=1 only says how (docs/upgrading.md)
	@$(PACKAGES) servers
	@exec $(BIN)/python -m deploy.local operate backend migrate $(if $(TO),--to "$(TO)") $(if $(DRY),--dry-run)

rotate-keys: $(RUN_READY) ## wrap users' data keys with the newest of DATA_KEYS, while everything runs (docs/privacy.md)
	@$(PACKAGES) servers
	@exec $(BIN)/python -m deploy.local operate backend rotate-keys

audit-verify: $(RUN_READY) ## check that nothing in the audit log was changed or is missing (docs/audit.md)
	@$(PACKAGES) servers
	@exec $(BIN)/python -m deploy.local operate backend audit-verify

retention: $(RUN_READY) ## delete what need not be kept any longer, as every night; DRY=1 only says what would go (docs/jobs.md)
	@$(PACKAGES) servers
	@exec $(BIN)/python -m deploy.local operate worker retention $(if $(DRY),--dry-run)

backup: $(RUN_READY) ## back up the database, encrypted (docs/backups.md)
	@$(PACKAGES) servers
	@exec $(BIN)/python -m deploy.local operate worker backup

backup-verify: $(RUN_READY) ## check the newest backup, or NAME=..., down to every document
	@$(PACKAGES) servers
	@exec $(BIN)/python -m deploy.local operate worker verify $(if $(NAME),"$(NAME)")

restore: $(RUN_READY) ## put a backup back: NAME=... or the newest; DROP=1 lets go of what is in the database now
	@$(PACKAGES) servers
	@exec $(BIN)/python -m deploy.local operate worker restore --forget-valkey $(if $(NAME),"$(NAME)") $(if $(DROP),--drop)

test: $(DEV_READY) ## all tests; TESTS=tests/unit for a part
	@$(PACKAGES) test
	@$(TEST) $(TESTS)

coverage: $(DEV_READY) ## the same tests, and which lines and branches they leave untaken; takes half as long again
	@$(PACKAGES) test
	@$(TEST) --cov --cov-report=term $(TESTS)

alerts: $(DEV_READY) ## try the alert rules and the dashboard with Prometheus' own promtool (docs/operations.md)
	@sh deploy/monitoring/promtool.sh
	@$(BIN)/python -m pytest -q -n 0 --no-cov tests/integration/monitoring

rules-coverage: $(DEV_READY) ## the tests of a session's rules take every branch of them
	@COVERAGE_FILE=$(RULES_COVERAGE) $(BIN)/python -m pytest -q -n $(TEST_PROCESSES) tests/unit/sessions --cov=backend.sessions --cov-report=
	@$(BIN)/python -m coverage report --data-file=$(RULES_COVERAGE) --include='$(RULES)' --fail-under=100

mutants: $(DEV_READY) ## change a session's rules in 1,900 little ways; prints those that no test notices (five minutes)
	@rm -rf mutants
	@$(BIN)/python -m mutmut run --max-children $(TEST_PROCESSES)
	@$(BIN)/python -m mutmut results

lint: $(DEV_READY) ## style, which package may import which, risky code, secrets, known holes in packages
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/bandit -q -c pyproject.toml -r backend worker client deploy wsgi.py
	@# A copy, which the scanner may bring up to date (it says 3 then, and asks to commit it): lines that moved are no finding.
	@cp .secrets.baseline $(VENV)/secrets.baseline
	@git ls-files -z | xargs -0 sh -c 'said=$$($(BIN)/detect-secrets-hook --baseline $(VENV)/secrets.baseline "$$@" 2>&1) || [ $$? -eq 3 ] || { echo "$$said"; exit 1; }' -
	@$(BIN)/python -m deploy.local.audit

audit: $(DEV_READY) ## known holes in the pinned packages, as `make lint` asks for too
	@$(BIN)/python -m deploy.local.audit

typecheck: $(DEV_READY) ## strict types
	@$(BIN)/mypy

bench: $(DEV_READY) ## measure and print; BENCH='--stages busy' for a part
	@$(PACKAGES) test
	@$(BIN)/python -m tests.performance $(BENCH)

bench-client: $(DEV_READY) ## measure the client on a virtual display: start, frames, lists, memory
	@$(PACKAGES) test
	@$(BIN)/python -m tests.performance.client $(BENCH)

cuts: $(DEV_READY) ## cut the line between clients and server 500 times, or CUTS=..., while people swipe
	@$(PACKAGES) test
	@DINDIN_CUTS=$(or $(CUTS),500) $(BIN)/python -m pytest -q -s -n 0 tests/client/net/test_cuts.py

chaos: $(DEV_READY) ## kill -9 one part after the other while people swipe; DRILLS='api valkey' for some (docs/reliability.md)
	@$(PACKAGES) test
	@$(BIN)/python -m tests.drills chaos $(if $(DRILLS),--drills $(DRILLS))

soak: $(DEV_READY) ## MINUTES=20 of swipes and of people coming and going: does anything grow? (docs/reliability.md)
	@$(PACKAGES) test
	@$(BIN)/python -m tests.drills soak $(if $(MINUTES),--minutes $(MINUTES))

evening: $(DEV_READY) ## two apps in two windows play a session on the real stack, with a server process killed (a minute)
	@$(PACKAGES) test
	@$(BIN)/python -m pytest -q -n 0 -m evening tests/client/ui/test_two_windows.py

words: $(DEV_READY) ## bring the app's translations up to date with what it says; NEW=fr begins one (docs/translating.md)
	@$(BIN)/python -m client.catalogues $(NEW)

screenshots: $(DEV_READY) ## draw the pictures of docs/images anew
	@$(PACKAGES) test
	@$(BIN)/python -m tests.client.ui.screenshots

lock: $(DEV_READY) ## compile requirements/*.in to pinned, hashed *.txt; UPGRADE=1 takes newer versions
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh requirements/lock.sh

clean: ## remove .venv, packages and caches; what DinDin keeps in .data stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov mutants
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the virtual environment: made once, filled again only when the pinned packages change ---

$(BIN)/python:
	@sh deploy/local/make_venv.sh "$(PYTHON)" $(VENV)

$(RUN_READY): $(RUN_REQUIREMENTS) | $(BIN)/python
	@echo "Installing pinned packages into $(VENV) (about 150 MB to download, a minute or two, only this once) ..."
	@$(PIP) $(addprefix -r ,$(RUN_REQUIREMENTS))
	@touch $@

# The dev packages hold those for running.
$(DEV_READY): requirements/dev.txt | $(BIN)/python
	@echo "Installing pinned packages for tests into $(VENV) (about 200 MB to download, a few minutes, only this once) ..."
	@$(PIP) -r requirements/dev.txt
	@touch $(RUN_READY) $@

$(PACK_READY): requirements/package.txt | $(BIN)/python
	@sh deploy/local/make_venv.sh "$(PYTHON)" $(PACK)
	@echo "Installing pinned packages for packing into $(PACK) (only this once) ..."
	@$(PACK)/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements/package.txt
	@touch $@
