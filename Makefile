# One way to run. `make build` and `make test` work in a bare clone; both make .venv themselves.
.PHONY: build app dashboard worksheets import-worksheets spark test test-all test-app test-spark test-spark-cluster \
	test-spark-versions lint backtest bench docs lock clean check-python
.DEFAULT_GOAL := build

# The first interpreter that is new enough; `make PYTHON=/path/to/python build` names another.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	"$$python" -c '$(NEW_ENOUGH)' 2>/dev/null && echo "$$python" && break; done)
# Hashes cover every package; nothing is reported to anybody and no file of the user's steers dbt.
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DBT_PROFILES_DIR := .
BIN := .venv/bin

build: .venv/run-installed
	@$(BIN)/dbt build

# The account managers' pages, in an environment of their own (docs/the-app.md).
app: .venv-app/installed
	@.venv-app/bin/python app/start.py

# Superset with a dashboard of the published serving file, in an environment of its own (docs/bi-tools.md).
dashboard: .venv-dashboard/installed
	@.venv-dashboard/bin/python dashboards/superset/start.py

# One workbook per account manager, and back (docs/worksheets.md): make import-worksheets BY="Paula Miller", or with
# FILES="folder or files" those. Whom to call about a product: make worksheets PRODUCT=P00016.
worksheets: .venv-app/installed
	@PYTHONPATH=. .venv-app/bin/python -m ipre.worksheets.make_workbooks $(if $(OUT),--folder "$(OUT)") \
		$(if $(PRODUCT),--product "$(PRODUCT)")

import-worksheets: .venv-app/installed
	@PYTHONPATH=. .venv-app/bin/python -m ipre.worksheets.import_ratings --by "$(BY)" \
		$(if $(OUT),--folder "$(OUT)") $(FILES)

test: .venv/dev-installed
	@$(BIN)/pytest

# All of it with what is long by nature (the marker `slow`): hours. The workflow runs it every night.
test-all: .venv/dev-installed .venv-app/dev-installed .venv-dashboard/installed .venv-spark/installed
	@$(BIN)/pytest -m ""
	@.venv-app/bin/pytest -c tests/app/pytest.ini tests/app -m ""
	@.venv-spark/bin/pytest -c spark/tests/pytest.ini spark/adapter/tests spark/tests -m ""
	@$(MAKE) test-spark-versions
	@$(BIN)/python benchmarks/soak.py

# Streamlit's own tests and a real browser; says what it skips without chromium.
test-app: .venv-app/dev-installed .venv/run-installed
	@.venv-app/bin/pytest -c tests/app/pytest.ini tests/app

# The demo on Apache Spark, in a session on this machine (docs/scale.md); IPRE_SPARK_MASTER names a cluster.
spark: .venv-spark/installed
	@.venv-spark/bin/dbt build --target spark

# Builds on DuckDB and on Spark, and compares every published table.
test-spark: .venv-spark/installed
	@.venv-spark/bin/pytest -c spark/tests/pytest.ini spark/adapter/tests spark/tests

# The same on a cluster that it starts, of which a worker dies, and through Spark Connect. Half an hour.
test-spark-cluster: .venv-spark/installed
	@.venv-spark/bin/pytest -c spark/tests/pytest.ini -m cluster spark/tests

# The same with older Sparks, each in an environment of its own. Twenty minutes.
test-spark-versions: .venv-spark-3.5/installed .venv-spark-4.0/installed
	@for version in 3.5 4.0; do \
		.venv-spark-$$version/bin/pytest -c spark/tests/pytest.ini spark/tests/test_same_tables.py \
			-m "not cluster" -k "publishes and (demo or two_nights)" || exit 1; \
	done

lint: .venv/dev-installed
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/sqlfmt --check --quiet --no-progressbar models macros tests/data tests/generic
	@$(BIN)/dbt --quiet --warn-error-options '{"error": ["Deprecations"]}' parse --no-partial-parse \
		--vars '{ranker: learned, as_of_date: 2025-06-30}' # so that no model is left out
	@$(BIN)/dbt-bouncer run --config-file .ci/dbt-bouncer.yml

# Which ranker is better on your data: make backtest DATA=folder WINDOWS=3 DAYS=90, or AS_OF="2011-06-01 2011-09-01".
DATA ?= demo
WINDOWS ?= 3
DAYS ?= 90
backtest: .venv/run-installed
	@PYTHONPATH=. $(BIN)/python -m ipre.backtest.run --data "$(DATA)" --windows "$(WINDOWS)" --days "$(DAYS)" --as-of $(AS_OF)

# Most of an hour; writes docs/benchmarks.md. `make bench BENCH="--sizes 50000"` is a try.
bench: .venv/run-installed .venv-bench/installed
	@.venv-bench/bin/python benchmarks/run.py $(BENCH)

docs: .venv/run-installed .venv-app/dev-installed
	@$(BIN)/dbt docs generate --static
	@$(BIN)/python docs/draw_dag.py
	@.venv-app/bin/python docs/draw_pictures.py
	@$(BIN)/python -c "from ipre.run.parameters import write_page; write_page()"
	@cp target/static_index.html docs/dbt_docs.html
	@echo "docs/dbt_docs.html: one file, opens without a network"

# Re-make requirements/*.txt from the ranges in pyproject.toml (needs uv).
lock:
	@.ci/lock

clean:
	rm -rf .venv .venv-app .venv-bench .venv-dashboard .venv-spark* benchmarks/.cache target logs

check-python:
	@"$(PYTHON)" -c '$(NEW_ENOUGH)' 2>/dev/null || { \
		echo "ipre needs Python 3.11 or newer; found: $$($(or $(PYTHON),python3) -V 2>&1 | head -n 1)." \
			"Install one, or name it: make PYTHON=/path/to/python3.11"; \
		exit 1; }

# Environments: `.venv/run-installed` is a file that is as new as the lock of which .venv has the packages.
.venv/run-installed: requirements/run.txt
.venv/dev-installed: requirements/dev.txt .venv/run-installed
.venv-app/installed: requirements/app.txt
.venv-app/dev-installed: requirements/app-dev.txt .venv-app/installed
.venv-bench/installed: requirements/bench.txt
.venv-dashboard/installed: requirements/dashboard.txt
# Superset's pandas has no wheels for a newer one.
.venv-dashboard/installed: PYTHON = $(shell command -v python3.11 || command -v python3.12 || echo python3)
.venv-spark/packages-installed .venv-spark-3.5/packages-installed .venv-spark-4.0/packages-installed: requirements/spark.txt

LOCKED := install --quiet --disable-pip-version-check --require-hashes --requirement
%installed: | check-python
	@test -x $(@D)/bin/pip || "$(PYTHON)" -m venv $(@D) || { rm -rf $(@D); \
		echo "ipre needs Python's venv and pip modules (on Debian: the package python3-venv)."; exit 1; }
	@$(@D)/bin/pip $(LOCKED) $(filter requirements/%,$^)
	@touch $@

# Spark's have the project's own adapter, too; and what `make test-spark-versions` runs in, an older PySpark.
ADAPTER := spark/adapter
ADAPTER_FILES := $(wildcard $(ADAPTER)/dbt/*/*/* $(ADAPTER)/dbt/*/*/*/*)
.venv-spark/installed .venv-spark-3.5/installed .venv-spark-4.0/installed: %/installed: %/packages-installed $(ADAPTER_FILES)
	@$(@D)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --force-reinstall $(ADAPTER)
	$(if $(filter requirements/%,$^),@$(@D)/bin/pip $(LOCKED) $(filter requirements/%,$^) --no-deps)
	@touch $@
.venv-spark-3.5/installed .venv-spark-4.0/installed: .venv-spark-%/installed: requirements/pyspark-%.txt
