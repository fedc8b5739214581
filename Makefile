# SPDX-License-Identifier: MIT
# A thin layer over meson; `make help` lists the targets.

# Users get BUILD; the tests have their own build, with assertions. What `make run` serves comes from BUILD where there is one, or from
# a build without link-time optimisation, which is there in a quarter of the time.
BUILD ?= build
TEST_BUILD ?= build-test
RUN_BUILD = $(if $(wildcard $(BUILD)/build.ninja),$(BUILD),build-run)
PREFIX ?= /usr/local
DESTDIR ?=
MESON_ARGS ?=
FUZZ_SECONDS ?= 60
SOAK_REQUESTS ?= 1000000
JUDGED_DOCUMENTS ?= 1000000
JUDGED_NUMBERS ?= 10000000
HTTP ?= 127.0.0.1:8080

# Warnings fail the build only in CI: packagers have other compilers.
werror = -Dwerror=$(if $(filter true,$(CI)),true,false)
setup = meson setup $(werror)
lto = $(shell echo 'int main(void) { return 0; }' | $(CC) -flto -x c - -o /dev/null 2>/dev/null && echo -Db_lto=true)
# -O3 takes 3% fewer instructions a request than -O2, for 1% more code.
optimised = -Doptimization=3 -Ddebug=true -Db_ndebug=true $(lto) -Dtests=disabled
# What the user says comes last, and so wins.
again = $(MESON_ARGS) $(if $(wildcard $(1)/build.ninja),--reconfigure) $(1)
# A report needs lines (-g1 in c_args), but no types and no variables.
sanitized = -Dtests=enabled -Doptimization=1 -Ddebug=true -Db_lundef=false

# What each step proves, and so what it runs; together they are CI (.ci/run).
# test   everything, as gcc builds it.
# asan   everything but the tree's own checks and third-party tools, which ask for what other tests ask for, too: a wrong access
#        may hide in any test. With unsigned char, as on ARM.
# clang  the other compiler's warnings on all sources, and tests where it may make a difference (tests/meson.build).
# tsan   everything that has threads. Neither the server's tests again over each connection filter, which are the same threads
#        (two steps do that), nor third-party tools, which look at documents and answers, nor the simulation and other tests
#        of one thread, which are slow; none of their programs is built. Without vectors, as on a machine that has neither SSE2 nor
#        NEON: what has a form without them runs here, too.
for_asan = --no-suite contract
for_clang = --no-suite over-filters --no-suite any-compiler
for_tsan = --no-suite over-filters --no-suite contract --no-suite simulation --no-suite one-thread

define run_tests
ln -sf $(TEST_BUILD)/compile_commands.json .
ninja -C $(TEST_BUILD)
tests/run $(TEST_BUILD)
endef

.PHONY: all run test check install bench clang asan tsan fuzz judge soak cover containers bare abi format lint deps deps-build deps-test deps-bench \
	deps-lint deps-containers clean help

all: $(BUILD)/build.ninja ## build the library and the examples, optimised, into build/
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	$(setup) $(optimised) $(MESON_ARGS) $(BUILD)

$(TEST_BUILD)/build.ninja:
	$(setup) -Dtests=enabled $(MESON_ARGS) $(TEST_BUILD)

build-run/build.ninja:
	$(setup) -Doptimization=2 -Ddebug=false -Db_ndebug=true -Dtests=disabled $(MESON_ARGS) build-run

run: deps-build ## install what is missing, build the countries example, and serve it on http://127.0.0.1:8080/docs
	$(MAKE) $(RUN_BUILD)/build.ninja
	ninja -C $(RUN_BUILD) examples/countries
	@echo "serving http://$(HTTP)/docs (stop with Ctrl-C)"
	$(RUN_BUILD)/examples/countries --http $(HTTP)

test: deps-build deps-test ## install what is missing, build with assertions, and run every test
	$(setup) -Dtests=enabled $(call again,$(TEST_BUILD))
	$(run_tests)

check: $(TEST_BUILD)/build.ninja ## build and run the tests; installs nothing
	$(run_tests)

install: all ## install into PREFIX (and DESTDIR before it)
	meson configure -Dprefix=$(abspath $(PREFIX)) $(BUILD)
	DESTDIR=$(DESTDIR) meson install -C $(BUILD)

bench: deps-build deps-bench ## measure what `make install` installs, against the null server and nginx
	$(MAKE) all
	ninja -C $(BUILD) bench-programs
	bench/run $(BUILD)

clang: deps-build deps-test ## build everything with clang, and test what may differ by compiler
	CC=clang $(setup) -Dtests=enabled -Doptimization=1 $(call again,build-clang)
	ninja -C build-clang
	COR_TEST_LIGHT=1 tests/run build-clang $(for_clang)

asan: deps-build deps-test ## run the tests under AddressSanitizer and UndefinedBehaviorSanitizer, with unsigned char as on ARM
	$(setup) $(sanitized) -Db_sanitize=address,undefined \
		-Dc_args='-g1 -fno-omit-frame-pointer -fno-sanitize-recover=all -funsigned-char' $(call again,build-asan)
	ninja -C build-asan
	tests/run build-asan --sanitizer --setup=sanitizer $(for_asan)

tsan: deps-build deps-test ## run the tests under ThreadSanitizer
	$(setup) $(sanitized) -Db_sanitize=thread -Dc_args='-g1 -fno-omit-frame-pointer -DCOR_NO_VECTORS' $(call again,build-tsan)
	tests/run build-tsan --sanitizer --setup=sanitizer $(for_tsan)

fuzz: deps-build deps-test ## run each fuzzer for FUZZ_SECONDS (60)
	CC=clang $(setup) -Dfuzzers=true -Dtests=enabled -Db_lundef=false $(call again,build-fuzz)
	ninja -C build-fuzz
	tools/fuzz build-fuzz $(FUZZ_SECONDS)

judge: deps-build deps-test ## ten million numbers (JUDGED_NUMBERS) against the C library; a million documents (JUDGED_DOCUMENTS), before three judges
	$(setup) -Dtests=enabled $(call again,$(TEST_BUILD))
	ninja -C $(TEST_BUILD) tests/schema/table-driver tests/base/test-base-number
	COR_TEST_NUMBERS=$(JUDGED_NUMBERS) $(TEST_BUILD)/tests/base/test-base-number
	tests/schema/test_differential.py $(TEST_BUILD)/tests/schema/table-driver node tests/contract/node_modules \
		--documents $(JUDGED_DOCUMENTS)

soak: deps-build ## send a million requests (SOAK_REQUESTS) to the bench service; its memory must stay flat
	$(MAKE) all
	ninja -C $(BUILD) bench-programs
	tests/soak/soak.py $(BUILD) $(SOAK_REQUESTS)

cover: deps-build deps-test ## print how much of each file of the library the tests run
	$(setup) -Dtests=enabled -Db_coverage=true -Doptimization=1 $(call again,build-cover)
	ninja -C build-cover
	tests/run build-cover --setup=sanitizer --no-suite contract
	build-cover/coracle cover --data build-cover --include 'src/*,include/*' --fail-under 90

containers: deps-build deps-containers ## run what `coracle deploy` writes by a Docker engine of the test's own (as root, some minutes)
	$(MAKE) all
	tools/packages build-packages
	tests/containers/test_containers.py $(BUILD) build-packages build-containers

bare: deps-build deps-containers ## what a new user does first, with the Debian packages on a bare Debian 12 (as root, some minutes)
	tools/packages build-packages
	tools/bare-debian.sh --only packages

abi: $(TEST_BUILD)/build.ninja ## write tests/house/abi.txt and debian/*.symbols anew: what programs are compiled with has changed
	ninja -C $(TEST_BUILD)
	tests/house/test_abi.py --write $(TEST_BUILD)/libcoracle.so $(foreach name,crypto tls compress curl testing,$(TEST_BUILD)/libcoracle-$(name).so)

format: ## format the C files
	git ls-files '*.c' '*.h' | xargs clang-format -i

lint: deps-build deps-test deps-lint $(TEST_BUILD)/build.ninja ## check the format, and run `coracle lint`: clang-tidy, cppcheck and gcc's analyser (half an hour; then what has changed)
	ninja -C $(TEST_BUILD)
	tools/lint $(TEST_BUILD)

deps: deps-build deps-test deps-bench deps-lint deps-containers ## install what every step needs

deps-build: ## install what the build and the examples need
	tools/deps build

deps-test: ## install what the tests need
	tools/deps test

deps-bench: ## install what the bench needs
	tools/deps bench

deps-lint: ## install what lint needs
	tools/deps lint

deps-containers: ## install what the tests of packages and containers need
	tools/deps containers

clean: ## remove every build folder
	rm -rf $(BUILD) $(TEST_BUILD) build-run build-asan build-tsan build-clang build-fuzz build-cover build-packages build-containers

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1	\2/p' Makefile | expand -t 14
