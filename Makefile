# Every target prepares what it needs first; whatever is already there is left alone.

PYTHON ?= python3
PORT ?= 8080
DATA ?=
BENCH ?=
VENV := .venv/bin
STAMPS := .make
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print)

# Pango and the fonts set the text of printed reports.
DEBIAN := postgresql-15-postgis-3 python3-venv libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk
DEBIAN_TEST := chromium

# $(call apt,packages): install those that are missing
define apt
missing=$$(for p in $(1); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
if [ -n "$$missing" ]; then \
    echo "Installing Debian packages:" $$missing; \
    $(SUDO) apt-get update -qq \
    && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null \
    || { echo "apt-get could not install:" $$missing "(are you root or in sudoers, and is the package archive reachable?)" >&2; exit 1; }; \
fi
endef

.PHONY: help setup setup-test check test demo bench format schema lock clean

help: ## say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMPS)/python web/dist/index.html ## install what is missing and build the web pages

setup-test: setup $(STAMPS)/debian-test $(STAMPS)/notebooks $(STAMPS)/oidc

demo: setup ## start everything with the demo town (PORT=8080 DATA=/some/dir)
	@$(VENV)/wangge up --demo --port $(PORT) $(if $(DATA),--data $(DATA)) || [ $$? = 130 ] # Ctrl-C is the way to end it

test: setup-test ## run all tests
	npm --prefix web test --silent
	$(VENV)/pytest -n 2 --dist loadfile

check: setup $(STAMPS)/notebooks ## format, lint, types, import contracts, web types
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	$(VENV)/lint-imports
	npm --prefix web run check --silent

bench: setup-test ## print every hot path beside its reference (BENCH=ingest for one)
	@for file in benchmarks/$(or $(BENCH),*).py; do echo "== $$file"; $(VENV)/python $$file || exit 1; done

format: $(STAMPS)/python ## format the code
	$(VENV)/ruff format .
	$(VENV)/ruff check --fix .

schema: $(STAMPS)/python web/node_modules/.installed ## write the web client's types anew from the API
	$(VENV)/wangge openapi | npm --prefix web run --silent schema >web/src/api/schema.ts

lock: ## write requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile --python-version 3.11 --group dev pyproject.toml --generate-hashes --no-emit-index-url -o requirements.lock

clean: ## remove everything that setup made here
	rm -rf .venv .make web/node_modules web/dist notebooks/node_modules tests/oidc/node_modules

$(STAMPS)/debian: Makefile
	@mkdir -p $(STAMPS)
	@$(call apt,$(DEBIAN))
	@touch $@

$(STAMPS)/debian-test: Makefile
	@mkdir -p $(STAMPS)
	@$(call apt,$(DEBIAN_TEST))
	@touch $@

$(STAMPS)/python: requirements.lock pyproject.toml | $(STAMPS)/debian
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Wangge needs Python 3.11 or newer; PYTHON=… names one." >&2; exit 1; }
	@echo "Installing Python packages"
	@[ -x $(VENV)/pip ] || $(PYTHON) -m venv .venv
	@$(VENV)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(VENV)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/node:
	@mkdir -p $(STAMPS)
	@command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' \
	    || { echo "Wangge's web pages are built with Node.js 20 or newer; install it first (nodejs.org or 'apt-get install nodejs npm')." >&2; exit 1; }
	@touch $@

web/node_modules/.installed: web/package-lock.json web/package.json | $(STAMPS)/node
	@echo "Installing web packages"
	@npm --prefix web ci --silent --no-audit --no-fund
	@touch $@

web/dist/index.html: web/node_modules/.installed $(WEB_SOURCES)
	@echo "Building the web pages"
	@npm --prefix web run build --silent >/dev/null
	@touch $@

$(STAMPS)/notebooks: notebooks/package-lock.json | $(STAMPS)/node
	@npm --prefix notebooks ci --silent --no-audit --no-fund
	@touch $@

$(STAMPS)/oidc: tests/oidc/package-lock.json | $(STAMPS)/node
	@npm --prefix tests/oidc ci --silent --no-audit --no-fund
	@touch $@
