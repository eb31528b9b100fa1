.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
BIGQUERY := .venv-bigquery
BQEMULATOR := .venv-bqemulator
DBT := $(BIN)/dbt --no-use-colors

# An active environment or a project of the user's must not leak into this one.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME DBT_PROJECT_DIR DBT_PROFILES_DIR DBT_TARGET_PATH

.PHONY: help setup demo extract build export docs check status trust sync sandbox test faults \
	test-duckdb test-bigquery test-bqemulator lint format bench lock clean

help: ## List every target
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

setup: $(STAMP) ## Make the environment in .venv (the other targets do it for you)

$(VENV)/.installed: requirements/development.lock
$(BIGQUERY)/.installed: requirements/bigquery.lock
$(BQEMULATOR)/.installed: requirements/bqemulator.lock

%/.installed:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "error: python3 is older than 3.11: install Python 3.11 or later"; exit 2; }
	@if command -v uv > /dev/null; then \
	  uv venv --quiet --clear --python "$$(command -v python3)" $* \
	  && uv pip install --quiet --python $*/bin/python --require-hashes -r $<; \
	else \
	  python3 -m venv --clear $* \
	  && $*/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r $<; \
	fi
	@touch $@

demo: setup ## Extract, build and query the sandbox in demo/; needs no account
	@$(BIN)/python -m loaders demo $(ARGS)

extract: setup ## Land what is new in MaintainX (needs MAINTAINX_API_KEY); ARGS="--help" tells more
	@$(BIN)/python -m loaders extract $(ARGS)

build: setup ## Build and test every model, then publish the marts to marts.duckdb
	@$(BIN)/python -m loaders build $(ARGS)

export: setup ## Write marts to files in exports/; ARGS="xlsx", "csv --help"
	@$(BIN)/python -m loaders export $(or $(ARGS),csv work_orders)

docs: setup ## Write the documentation as one page: target/static_index.html
	@$(BIN)/python -m loaders dbt docs generate --static $(ARGS)

check: setup ## Say whether key, organizations and each list can be read
	@$(BIN)/python -m loaders check $(ARGS)

status: setup ## Print what was extracted when, and what is due
	@$(BIN)/python -m loaders status $(ARGS)

trust: setup ## Say on a page what can be trusted, and what is wrong
	@$(BIN)/python -m loaders trust $(ARGS)

sync: setup ## Extract and build again and again; ARGS="--every 15m"
	@$(BIN)/python -m loaders sync $(ARGS)

sandbox: setup ## Serve a MaintainX of our own on 127.0.0.1 until Ctrl-C
	@$(BIN)/python -m loaders sandbox $(ARGS)

test: ## Everything that CI runs: test-duckdb, and test-bigquery beside it
	@$(MAKE) --no-print-directory --jobs 2 test-duckdb test-bigquery

test-duckdb: lint ## Lint, dbt parse, pytest, two builds compared
	@$(BIN)/pytest -n 3 --dist loadgroup $(ARGS)

faults: setup ## Plant every fault of tests/python/faults and say which test caught it
	@$(BIN)/python -m tests.python.faults $(ARGS)

test-bigquery: test-bqemulator $(BIGQUERY)/.installed ## The models before Google's analyzer, and built on an emulator
	@$(BIGQUERY)/bin/pytest tests/python/bigquery $(ARGS)

test-bqemulator: $(BQEMULATOR)/.installed ## Load into an emulator of BigQuery, in an environment of its own
	@PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(BQEMULATOR)/bin/python -m pytest --confcutdir tests/python/bqemulator tests/python/bqemulator \
	  $(ARGS)

lint: setup ## ruff, mypy, sqlfluff, dbt parse with warnings as errors, the layers of the models
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(DBT) --quiet --warn-error parse --show-all-deprecations --no-partial-parse --target ci
	@$(BIN)/dbt-bouncer run --config-file dbt-bouncer.yml
	@$(BIN)/python -m tools.lint_sql lint --processes 2 models tests

format: setup ## Rewrite Python and SQL in the house style
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/python -m tools.lint_sql fix --processes 2 models tests

bench: setup ## Measure the loaders against a floor in the same run, and dbt build as a plant grows
	@$(BIN)/python -m tools.bench_loaders $(ARGS)
	@$(BIN)/python -m tools.bench_build

lock: ## Resolve requirements/development.lock anew (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --no-strip-extras \
	  --no-emit-index-url --no-emit-find-links --generate-hashes --upgrade --quiet \
	  --custom-compile-command "make lock" -o requirements/development.lock
	uv pip compile pyproject.toml --extra bigquery-test --universal --python-version 3.11 --no-strip-extras \
	  --no-emit-index-url --no-emit-find-links --generate-hashes --upgrade --quiet \
	  --custom-compile-command "make lock" -o requirements/bigquery.lock
	uv pip compile requirements/bqemulator.in --universal --python-version 3.11 --no-strip-extras \
	  --no-emit-index-url --no-emit-find-links --generate-hashes --upgrade --quiet \
	  --custom-compile-command "make lock" -o requirements/bqemulator.lock

clean: ## Remove the environments and what was built, but no warehouse
	rm -rf $(VENV) $(BIGQUERY) $(BQEMULATOR) target logs .pytest_cache .mypy_cache .ruff_cache
