# The only commands a user needs. Each one installs what it needs into .venv, once.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,13))' && echo $$p && break; done || echo python3)
BIN := .venv/bin
WORKERS ?= 2

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

.PHONY: install
install:
	@$(PYTHON) scripts/install.py

.PHONY: refresh
refresh: install ## Yearbook files in, a release out; INBOX=folder for your own, RELEASE=folder for where
	@$(BIN)/citypanel refresh $(if $(INBOX),--inbox "$(INBOX)") $(if $(RELEASE),--release "$(RELEASE)") $(if $(FORCE),--force)

.PHONY: test
test: install ## Run the tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder -m "not verify" $(TESTS)

.PHONY: verify
verify: install ## Run the long verification: Monte Carlo, brute force, fuzzing
	@$(BIN)/python -m pytest -m verify $(TESTS)

.PHONY: lint
lint: install ## Style of Python and SQL, types, import borders, dbt conventions, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/lint_sql.py dbt_project/models dbt_project/tests/singular orchestration/reporting/queries orchestration/exploring/queries
	$(BIN)/python -m orchestration.refresh.dbt_runner
	$(BIN)/dbt-bouncer run --config-file dbt-bouncer.yml
	$(BIN)/python scripts/write_panel_contract.py --check
	$(BIN)/python scripts/write_data_dictionary.py --check
	$(BIN)/python scripts/write_catalogue.py --check

.PHONY: dev
dev: install ## Open the Dagster web UI on the same definitions (http://127.0.0.1:3000)
	@mkdir -p .dagster && cp orchestration/dagster.yaml .dagster/ && PATH="$(CURDIR)/$(BIN):$$PATH" DAGSTER_HOME="$(CURDIR)/.dagster" DAGSTER_DISABLE_TELEMETRY=yes \
		CITYPANEL_INBOX="$(INBOX)" $(BIN)/dagster dev -m orchestration.graph.definitions -h 127.0.0.1 -p $(or $(PORT),3000)

.PHONY: docs
docs: install ## Write the dbt docs of the release in place to build/docs/static_index.html
	@$(BIN)/python scripts/dbt_docs.py $(if $(RELEASE),"$(RELEASE)")

.PHONY: bench
bench: install ## Print what a refresh takes, beside the floor of imports and dbt alone
	@$(BIN)/python scripts/bench.py
	@$(BIN)/python scripts/bench_threshold.py
	@$(BIN)/python scripts/bench_efficiency.py
	@$(BIN)/python scripts/bench_staggered.py
	@$(BIN)/python scripts/bench_sensitivity.py

.PHONY: bench-large
bench-large: install ## Print what a thousand workbooks, a county-sized file and a hundred indices take
	@$(BIN)/python scripts/bench_resolve.py
	@$(BIN)/python scripts/bench_indices.py

.PHONY: chaos
chaos: install ## Break refreshes on purpose (kills, full disk, damaged files, readers), and print what stands
	@$(BIN)/python scripts/chaos.py

.PHONY: lock
lock: install ## Make requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --group dev pyproject.toml -o requirements.lock
