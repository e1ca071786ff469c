# `make run` and `make test` set everything up by themselves; see README.md.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
TOOLS  := .venv-tools/.ready
PHOTO  ?= tests/data/specimens/current_normal.jpg

# CJK fonts draw the specimens; curl, Node.js and Chromium run clients in the conformance tests,
# which install their npm packages themselves (tests/conformance/packages.py); redis-server is
# started by the tests of the stores; tesseract is what bench-ocr measures the recognizer beside.
SYSTEM := $(if $(shell command -v npm),,nodejs npm) chromium curl redis-server \
          fonts-noto-cjk fonts-wqy-zenhei fonts-wqy-microhei fonts-arphic-ukai \
          fonts-arphic-uming fonts-arphic-gkai00mp fonts-arphic-gbsn00lp fonts-lxgw-wenkai \
          tesseract-ocr tesseract-ocr-chi-sim

# What rapidocr's own code needs: its weights are all we take, so an image goes without.
UNUSED := colorlog omegaconf pillow pyclipper pyyaml shapely six tqdm

.DEFAULT_GOAL := help
.PHONY: help run test check format lint types imports test-pythons system surface lock bench-ocr bench-refusals bench-import bench-batch bench-calls bench-lambda bench-stores bench-testing clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-14s %s\n", $$1, $$2}'

$(READY): requirements/dev.lock pyproject.toml
	@test -x $(BIN)/python || { echo "Setting up $(VENV) (once, about a minute) ..."; $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m pip install -q --disable-pip-version-check "uv>=0.9,<1"
	@$(BIN)/uv pip sync -q --python $(BIN)/python requirements/dev.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .
	@touch $@

run: $(READY) ## Read a licence photo through the cloud function (PHOTO=your.jpg for your own)
	@$(BIN)/openapi-shim invoke driverLicense --image "$(PHOTO)"
	@echo "Your own photo: make run PHOTO=path/to/photo.jpg" >&2

# The tools that check templates and manifests, apart: they pin other versions of our libraries.
$(TOOLS): requirements/tools.lock $(READY)
	@echo "Setting up .venv-tools (once, about a minute) ..."
	@$(BIN)/uv venv -q --clear --python $(BIN)/python .venv-tools
	@$(BIN)/uv pip sync -q --python .venv-tools/bin/python requirements/tools.lock
	@touch $@

test: $(READY) $(TOOLS) ## Run all tests
	$(BIN)/python -m pytest -q

check: format lint types imports test ## All that CI checks

format: $(READY)
	$(BIN)/ruff format --check .

lint: $(READY)
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

test-pythons: $(READY) ## Run the SDK's tests under every other supported Python that is installed
	@bash .ci/pythons

system: ## Install what needs root: CJK fonts, curl, Chromium, Redis, tesseract, Node.js if there is none (Debian)
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(SYSTEM) >/dev/null

surface: $(READY) ## Regenerate the SDK's typed surface from the catalog
	$(BIN)/python -m openapi_shim.catalog.surface | $(BIN)/ruff format --stdin-filename surface.py - > surface.tmp
	mv surface.tmp openapi_shim/sdk/surface.py

lock: $(READY) ## Resolve the lock files anew
	$(BIN)/uv pip compile -q -U pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/dev.lock
	$(BIN)/uv pip compile -q -U pyproject.toml --universal --python-version 3.10 --generate-hashes --no-emit-index-url --no-header -o requirements/function.lock
	$(BIN)/uv pip compile -q -U pyproject.toml --extra cloudbase --python-version 3.10 --python-platform x86_64-manylinux2014 --only-binary :all: --generate-hashes --no-annotate --no-emit-index-url --no-header -o openapi_shim/packaging/cloudbase.lock
	$(BIN)/uv pip compile -q -U pyproject.toml requirements/sdk.in --universal --python-version 3.10 --generate-hashes --no-emit-index-url --no-header -o requirements/sdk.lock
	$(BIN)/uv pip compile -q -U requirements/tools.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/tools.lock
	$(BIN)/uv pip compile -q -U pyproject.toml --extra emulator --extra metrics --extra redis --extra tracing $(UNUSED:%=--no-emit-package %) --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/serve.lock

bench-ocr: $(READY) ## Accuracy and time of the recognizer beside plain RapidOCR and tesseract
	$(BIN)/python -m bench.accuracy

bench-refusals: $(READY) ## What is no licence and what a photo is warned of: false alarms and hits
	$(BIN)/python -m bench.refusals
	$(BIN)/python -m bench.warnings

bench-batch: $(READY) ## A batch on a folder beside plain loops; BATCH=--memory for 2 000 photos
	$(BIN)/python -m bench.batch $(BATCH)

bench-import: $(READY) ## What `import openapi_shim` costs over bare Python
	$(BIN)/python -m bench.import_time

bench-stores: $(READY) ## What an operation of each store costs (redis-server)
	$(BIN)/python -m bench.stores

bench-calls: $(READY) ## Calls of an empty function beside two other frameworks (npm, uv)
	$(BIN)/python -m bench.calls

bench-testing: $(READY) ## How soon the testing kit's emulator is ready, beside moto's server
	$(BIN)/python -m bench.testing_kit

bench-lambda: $(READY) ## Cold and warm starts of the function under AWS's own runtime
	$(BIN)/python -m bench.lambda_start

clean: ## Remove what the other targets made
	rm -rf $(VENV) .venv-* tests/conformance/node/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build
