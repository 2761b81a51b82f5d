# dpo-audit: `make audit` checks the samples and says where to look; `make test` checks the product.

# Set in some shells: every start would compile the libraries anew.
unexport PYTHONDONTWRITEBYTECODE
export GX_ANALYTICS_ENABLED := false

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
PIP := $(BIN)/pip --quiet --disable-pip-version-check
LOCKED := --require-hashes --no-deps --requirement

.DELETE_ON_ERROR:
.PHONY: setup audit test lab bench lock plotly-js picture clean browser engines

setup: $(READY) browser

# uv, itself pinned by the lock, installs in a third of pip's time; where it cannot reach an index
# (it does not read pip's configuration), pip does it.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	@sed -n '/^uv==/,/# via/p' requirements.lock > .venv/uv.lock
	$(PIP) install $(LOCKED) .venv/uv.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --compile-bytecode $(LOCKED) requirements.lock \
	  || $(PIP) install $(LOCKED) requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(READY)

# The PDF and the browser tests need Chromium; everything else works without it.
browser:
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
	  command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-liberation >/dev/null \
	    || echo "chromium could not be installed: the report has no PDF"; \
	else echo "no chromium: the report has no PDF. To have one: apt-get install chromium fonts-liberation"; fi

# The tests judge on a real PostgreSQL and on a real Spark cluster, whose library is larger than all others together.
engines: .venv/.spark
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && command -v java >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql openjdk-17-jre-headless >/dev/null \
	    || echo "PostgreSQL and Java could not be installed: their tests are skipped"; \
	else echo "no PostgreSQL or no Java: their tests are skipped. To have them: apt-get install postgresql openjdk-17-jre-headless"; fi

.venv/.spark: $(READY) requirements-spark.lock
	$(PIP) install --no-build-isolation $(LOCKED) requirements-spark.lock
	@touch .venv/.spark

audit: setup
	$(BIN)/dpo-audit run data_samples --out runs

test: setup engines
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/nbstripout --verify notebooks/*.ipynb
	$(BIN)/dpo-audit suites --check
	@# A file to a worker: what its tests share is made once.
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

# Its settings: no request for news of Jupyter.
lab: setup
	JUPYTER_CONFIG_PATH=notebooks/.jupyter $(BIN)/jupyter lab --ip 127.0.0.1 --notebook-dir .

bench: setup
	$(BIN)/python -m tests.bench

# Pins every package for every platform, with hashes and without an index.
lock: setup
	$(BIN)/uv pip compile pyproject.toml --extra lab --extra pades --extra dev --generate-hashes --universal --no-header \
	  --quiet --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra spark --constraint requirements.lock --generate-hashes --universal \
	  --no-header --quiet $$(sed -n 's/^\([a-z0-9._-]*\)==.*/--no-emit-package \1/p' requirements.lock) \
	  --output-file requirements-spark.lock
	sed -i '/^$$/,$$d' requirements-spark.lock

# The part of plotly.js that the report's charts need, of the version that plotly brings: after a new lock.
TEMPLATES := audit_lib/report/templates
plotly-js: setup
	rm -rf build/plotly && mkdir -p build/plotly
	cd build/plotly && npm pack --silent plotly.js-basic-dist-min@$$(sed -n 's/^\* plotly.js v//p' \
	  ../../.venv/lib/python3*/site-packages/plotly/package_data/plotly.min.js)
	tar -xzf build/plotly/*.tgz -C build/plotly
	cp build/plotly/package/plotly-basic.min.js $(TEMPLATES)/
	cp build/plotly/package/LICENSE $(TEMPLATES)/plotly-basic.LICENSE.txt

# The picture of the README, from the samples.
picture: setup
	rm -rf build/picture
	$(BIN)/dpo-audit run data_samples --out build/picture --lang en
	$(BIN)/python docs/picture.py build/picture/*/report.html docs/report-en.png

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
