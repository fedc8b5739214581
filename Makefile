# SPDX-License-Identifier: MIT
# A thin face over meson: `make help` lists what there is.

BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
MESON_ARGS ?=
FUZZ_SECONDS ?= 60
SOAK_REQUESTS ?= 1000000
HTTP ?= 127.0.0.1:8080

# Warnings stop the build in CI only: packagers have other compilers.
werror = -Dwerror=$(if $(filter true,$(CI)),true,false)
setup = meson setup $(werror) $(MESON_ARGS)
sanitized = -Doptimization=1 -Ddebug=true -Db_lundef=false \
	-Dc_args='-fno-omit-frame-pointer -fno-sanitize-recover=all'

.PHONY: all run test check install bench clang asan tsan fuzz soak cover format lint deps deps-build deps-test deps-bench \
	clean help

all: $(BUILD)/build.ninja ## build everything into build/
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	$(setup) $(BUILD)
	ln -sf $(BUILD)/compile_commands.json .

run: deps-build ## install what is missing, build, and serve the countries example on http://127.0.0.1:8080/docs
	$(MAKE) all
	@echo "serving http://$(HTTP)/docs (stop with Ctrl-C)"
	$(BUILD)/examples/countries --http $(HTTP)

test: deps-build deps-test ## install what is missing, build, and run every test
	$(setup) $(if $(wildcard $(BUILD)/build.ninja),--reconfigure) -Dtests=enabled $(BUILD)
	ninja -C $(BUILD)
	tests/run $(BUILD)

check: ## run the tests of what is built, without installing anything
	ninja -C $(BUILD)
	tests/run $(BUILD)

install: all ## install into PREFIX (and DESTDIR before it)
	meson configure -Dprefix=$(abspath $(PREFIX)) $(BUILD)
	DESTDIR=$(DESTDIR) meson install -C $(BUILD)

bench: deps-build deps-bench ## measure, side by side with the limits and the peers
	$(setup) $(if $(wildcard build-release/build.ninja),--reconfigure) --buildtype=release -Db_lto=true -Dtests=disabled build-release
	ninja -C build-release
	bench/run build-release

clang: deps-build deps-test ## build and test with clang
	CC=clang $(setup) $(if $(wildcard build-clang/build.ninja),--reconfigure) -Dtests=enabled build-clang
	ninja -C build-clang
	tests/run build-clang

asan: deps-build deps-test ## the tests under AddressSanitizer and UndefinedBehaviorSanitizer
	$(setup) $(if $(wildcard build-asan/build.ninja),--reconfigure) -Dtests=enabled -Db_sanitize=address,undefined \
		$(sanitized) build-asan
	ninja -C build-asan
	tests/run build-asan --sanitizer --setup=sanitizer

tsan: deps-build deps-test ## the tests under ThreadSanitizer
	$(setup) $(if $(wildcard build-tsan/build.ninja),--reconfigure) -Dtests=enabled -Db_sanitize=thread \
		$(sanitized) build-tsan
	ninja -C build-tsan
	tests/run build-tsan --sanitizer --setup=sanitizer

fuzz: deps-build deps-test ## each fuzzer for FUZZ_SECONDS (60)
	CC=clang $(setup) $(if $(wildcard build-fuzz/build.ninja),--reconfigure) -Dfuzzers=true -Dtests=enabled \
		-Db_lundef=false build-fuzz
	ninja -C build-fuzz
	tools/fuzz build-fuzz $(FUZZ_SECONDS)

soak: deps-build ## a million requests (SOAK_REQUESTS) at the bench service; its memory must stay flat
	$(MAKE) all
	tests/soak/soak.py $(BUILD) $(SOAK_REQUESTS)

cover: deps-build deps-test ## line coverage of the library by its tests
	$(setup) $(if $(wildcard build-cover/build.ninja),--reconfigure) -Dtests=enabled -Db_coverage=true \
		-Doptimization=1 build-cover
	ninja -C build-cover
	tests/run build-cover --setup=sanitizer
	tools/cover build-cover

format: ## lay out the C files as .clang-format says
	git ls-files '*.c' '*.h' | xargs clang-format -i

lint: all ## clang-format, clang-tidy and cppcheck
	tools/lint $(BUILD)

deps: deps-build deps-test deps-bench ## install what any step needs

deps-build: ## ... what the build and the examples need
	tools/deps build

deps-test: ## ... what the tests need
	tools/deps test

deps-bench: ## ... what the bench needs
	tools/deps bench

clean: ## remove every build folder
	rm -rf $(BUILD) build-asan build-tsan build-clang build-fuzz build-cover build-release

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1	\2/p' Makefile | expand -t 14
