.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEVELOPMENT := $(VENV)/.development
BIGQUERY := .venv-bigquery
DBT := $(BIN)/dbt --no-use-colors

# An active environment or a project of the user's must not leak into this one.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME DBT_PROJECT_DIR DBT_PROFILES_DIR DBT_TARGET_PATH
# Packages are installed without bytecode, which takes each process of dbt a second to compile.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo extract build export dashboard pictures diagrams docs metrics check status trust sync sandbox test test-all \
	test-slow test-bigquery faults coverage lint lint-python lint-dbt lint-sql format bench lock clean

help: ## List every target
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

setup: $(STAMP) ## Make the environment in .venv (the other targets do it for you)

$(VENV)/.installed: requirements/runtime.lock
$(BIGQUERY)/.installed: requirements/bigquery.lock

%/.installed:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "error: python3 is older than 3.11: install Python 3.11 or later"; exit 2; }
	@if command -v uv > /dev/null; then uv venv --quiet --clear --python "$$(command -v python3)" $*; \
	else python3 -m venv --clear $*; fi
	@$(call install,$*,$<)
	@touch $@

# The tools of development, beside what a user runs.
$(DEVELOPMENT): requirements/development.lock $(STAMP)
	@$(call install,$(VENV),$<)
	@touch $@

# Install the packages of a lock file in an environment: $(call install,environment,lock file)
install = if command -v uv > /dev/null; then uv pip install --quiet --python $(1)/bin/python --require-hashes -r $(2); \
	else $(1)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r $(2); fi

demo: setup ## Extract, build and query the sandbox in demo/; needs no account
	@$(BIN)/python -m loaders demo $(ARGS)

extract: setup ## Load what is new in MaintainX (needs MAINTAINX_API_KEY); ARGS="--help" tells more
	@$(BIN)/python -m loaders extract $(ARGS)

build: setup ## Build and test every model, then publish the marts to marts.duckdb
	@$(BIN)/python -m loaders build $(ARGS)

export: setup ## Write the work orders to exports/work_orders.csv; ARGS="csv" writes all marts, "xlsx" a workbook
	@$(BIN)/python -m loaders export $(or $(ARGS),csv work_orders)

dashboard: setup ## Write dashboard.html beside the warehouse; ARGS="--format pdf" writes a report
	@$(BIN)/python -m loaders dashboard $(ARGS)

pictures: setup ## Draw the pictures of the README from the demo (needs `make demo` and Chromium)
	@$(BIN)/python -m tools.pictures

diagrams: $(DEVELOPMENT) ## Draw the entities and the lineage of the models from dbt's manifest
	@$(DBT) --quiet parse --target ci
	@$(BIN)/python -m tools.diagrams

docs: setup ## Write the documentation as one page: target/static_index.html
	@$(BIN)/python -m loaders dbt docs generate --static $(ARGS)

metrics: $(DEVELOPMENT) ## Query metrics by name; ARGS="--metrics pm_compliance --group-by metric_time__month"
	@$(BIN)/python -m loaders dbt --quiet compile --select dim_dates > /dev/null
	@$(BIN)/mf query $(ARGS)

check: setup ## Verify the key and its permissions
	@$(BIN)/python -m loaders check $(ARGS)

status: setup ## Print what was extracted when, and what is due
	@$(BIN)/python -m loaders status $(ARGS)

trust: setup ## Print a one-page data quality summary
	@$(BIN)/python -m loaders trust $(ARGS)

sync: setup ## Extract and build again and again; ARGS="--every 15m"
	@$(BIN)/python -m loaders sync $(ARGS)

sandbox: setup ## Serve a mock MaintainX API on 127.0.0.1 until Ctrl-C
	@$(BIN)/python -m loaders sandbox $(ARGS)

test: lint ## Run the lint and the quick tests, in under 5 minutes
	@$(BIN)/pytest -n 2 --dist loadgroup -m "not slow" $(ARGS)

test-all: test ## Everything that CI runs: test, then all that takes longer
	@$(MAKE) --no-print-directory --jobs 2 test-slow test-bigquery

test-slow: lint-sql $(BIGQUERY)/.installed ## The tests that take minutes: 40,000 orders, every fault, kills, a million records
	@$(BIN)/pytest -n 2 --dist loadgroup -m slow $(ARGS)

test-bigquery: $(BIGQUERY)/.installed ## Evaluate the models as BigQuery does, and load into an emulator
	@$(BIGQUERY)/bin/pytest tests/python/bigquery $(ARGS)

faults: $(DEVELOPMENT) ## Plant every fault of tests/python/faults and print the test that caught it
	@$(BIN)/python -m tests.python.faults $(ARGS)

coverage: $(DEVELOPMENT) ## Compare the published API description with the marts; ARGS="description.json"
	@[ -n "$(ARGS)" ] || { echo 'error: name the OpenAPI description that MaintainX publishes: make coverage ARGS=openapi.json'; exit 2; }
	@$(DBT) --quiet compile --target lint --select path:models/staging path:models/intermediate path:models/marts > /dev/null
	@$(BIN)/python -m tools.coverage $(ARGS)

lint: $(DEVELOPMENT) ## ruff, mypy, hadolint, dbt parse, dbt-bouncer, and sqlfluff on SQL files that differ from main
	@$(MAKE) --no-print-directory --jobs 2 --output-sync lint-python lint-dbt

lint-python: $(DEVELOPMENT)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/hadolint Dockerfile

lint-dbt: $(DEVELOPMENT)
	@$(DBT) --quiet --warn-error parse --show-all-deprecations --no-partial-parse --target ci
	@$(BIN)/dbt-bouncer run --config-file dbt-bouncer.yml
	@files="$$($(CHANGED_SQL))"; [ -z "$$files" ] || $(BIN)/python -m tools.lint_sql lint $$files

CHANGED_SQL = { git diff --name-only --diff-filter=d "$$(git merge-base main HEAD || echo HEAD)"; \
	git ls-files --others --exclude-standard; } 2> /dev/null | grep -E '^(models|tests)/.*\.sql$$' || true

lint-sql: $(DEVELOPMENT) ## sqlfluff on every SQL file
	@$(BIN)/python -m tools.lint_sql lint --processes 2 models tests

format: $(DEVELOPMENT) ## Format Python and SQL
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/python -m tools.lint_sql fix --processes 2 models tests

bench: setup ## Measure the loaders and dbt build; takes some minutes
	@$(BIN)/python -m benchmarks.extract $(ARGS)
	@$(BIN)/python -m benchmarks.reconciliation
	@$(BIN)/python -m tools.bench_build
	@$(BIN)/python -m benchmarks.slopes

# Packages are what pyproject.toml asks for; no lock file names a host.
compile = uv pip compile --universal --python-version 3.11 --no-strip-extras \
	--generate-hashes --upgrade --quiet --custom-compile-command "make lock"

lock: ## Resolve requirements/*.lock again (needs uv)
	$(compile) pyproject.toml --extra dashboard --extra webhooks -o requirements/runtime.lock
	$(compile) pyproject.toml --extra dev --extra metrics --constraints requirements/runtime.lock -o requirements/development.lock
	$(compile) pyproject.toml --extra bigquery-test -o requirements/bigquery.lock

clean: ## Remove the environments and what was built, but no warehouse
	rm -rf $(VENV) $(BIGQUERY) target logs .pytest_cache .mypy_cache .ruff_cache
