# Each task is one command; `make help` lists them. CMake does the work: see CMakePresets.json.

PREFIX ?= /usr/local
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
export JOBS

.DEFAULT_GOAL := help
.PHONY: help build demo test test-quick test-plain test-s3 bench bench-jmespath bench-python bench-s3 format \
  format-check install wheel changelog asan tsan fuzz clean

help:           ## list these tasks
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' Makefile | expand -t 16

build:          ## build the library, the command and the tests in build/dev
	@tools/setup test
	cmake --preset dev
	cmake --build --preset dev -j $(JOBS)

demo:           ## install what is needed, build, record and replay real events
	@tools/demo

test:           ## install what is needed, build and run all tests, also under sanitizers
	@tools/test

test-quick:     ## only the tests of build/dev, without sanitizers
	@tools/test dev

asan:           ## only the tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@tools/test asan

test-plain:     ## only the quick tests, built without precompiled headers
	@tools/test plain

test-s3:        ## the tests on a bucket of yours: FLASHFLOOD_TEST_S3_URL and the AWS variables name it
	@tools/setup test
	cmake --preset dev
	cmake --build --preset dev -j $(JOBS)
	@python3 tests/s3/suite.py build/dev

tsan:           ## only the tests with threads under ThreadSanitizer
	@tools/test tsan

fuzz:           ## fuzz with clang's libFuzzer, FUZZ_SECONDS (60) for each target
	@tools/fuzz

bench:          ## measure, against bare loops and other tools
	@tools/bench

bench-python:   ## only the part on the Python package
	@tools/bench python

bench-jmespath: ## only the part on JMESPath, against other implementations
	@tools/bench jmespath

bench-s3:       ## measure on S3 servers, against bare requests and the original Python package
	@tools/bench s3

format:         ## format the C++ files in place
	@tools/setup format
	@tools/format

format-check:   ## say which C++ files are not formatted
	@tools/setup format
	@tools/format --check

install:        ## build and install below PREFIX (/usr/local); DESTDIR is put before it
	@tools/setup build
	cmake --preset release -DCMAKE_INSTALL_PREFIX="$(PREFIX)"
	cmake --build --preset release -j $(JOBS)
	cmake --install build/release

changelog:      ## print the changes that the next release will tell, from changes/
	@tools/changelog

wheel:          ## make a wheel of the Python package, and an archive of the sources, in build/wheels
	@tools/wheel

clean:          ## remove everything built
	rm -rf build
