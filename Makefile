# dpo-audit: `make audit` checks the samples and says where to look; `make test` checks the product.

# Set in some shells: every start would compile the libraries anew.
unexport PYTHONDONTWRITEBYTECODE
export GX_ANALYTICS_ENABLED := false

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup audit test lab bench lock clean browser

setup: $(READY) browser

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)

# The PDF and the browser tests need Chromium; everything else works without it.
browser:
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-liberation >/dev/null; \
	  else echo "no chromium: the report has no PDF. To have one: apt-get install chromium fonts-liberation"; fi; }

audit: setup
	$(BIN)/dpo-audit run data_samples --out runs

test: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/nbstripout --verify notebooks/*.ipynb
	$(BIN)/dpo-audit suites --check
	$(BIN)/pytest -n 2

lab: setup
	$(BIN)/jupyter lab --ip 127.0.0.1 --notebook-dir .

bench: setup
	$(BIN)/python -m tests.bench

# Pins every package for every platform, with hashes and without an index.
lock:
	$(BIN)/uv pip compile pyproject.toml --all-extras --generate-hashes --universal --no-header --output-file requirements.lock

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
