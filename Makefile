# The front door. `make demo`: from nothing to a table of results. `make test`: everything that is checked.
SHELL := /bin/bash
PRESET ?= release
JOBS ?= $(shell nproc)
# Muons of the demo: generator (the toy generator) or hepmc (events of Pythia 8).
SOURCE ?= generator
PYTHON := .deps/venv/bin/python
.PHONY: bootstrap build test demo lint tidy fuzz docs sanitize tsan clean

bootstrap:
	@tools/bootstrap.sh

build: bootstrap
	@tools/build.sh $(PRESET) $(JOBS)

test: build
	@tools/test.sh

# Builds the program only.
demo: bootstrap
	@tools/build.sh release $(JOBS) stationhit
	@tools/demo.sh $(SOURCE)

# What pre-commit runs, for machines without it; clang-tidy looks at changed sources only.
lint: bootstrap
	@tools/lint.sh

# clang-tidy with the static analyzer on all sources.
tidy: bootstrap
	@JOBS=$(JOBS) tools/tidy.sh --all

# Address and undefined-behaviour sanitizers on the fast tests of the modules without Torch and ROOT,
# and on the tests of the Python package.
sanitize: bootstrap
	@tools/build.sh asan-ubsan $(JOBS)
	@ctest --preset asan-ubsan -j $(JOBS)
	@JOBS=$(JOBS) tools/asan_python.sh

# Thread sanitizer on what threads share: pipelines and pools, and 16 threads on one classifier.
tsan: bootstrap
	@tools/build.sh tsan $(JOBS) test_core test_engine test_operators test_inference
	@ctest --preset tsan -j $(JOBS) -R 'Thread|Pipeline|ObjectPool|ParallelFor'

# Everything that reads bytes from outside gets random ones, each target for SECONDS (60).
SECONDS_EACH ?= 60
fuzz: bootstrap
	@JOBS=$(JOBS) tools/fuzz.sh $(SECONDS_EACH)

# The documentation as a static site with a search: build/docs/index.html.
docs:
	@tools/bootstrap.sh docs
	@.deps/venv/bin/python tools/site/make_site.py build/docs

clean:
	rm -rf build
