/* SPDX-License-Identifier: MIT */
/**
 * Fuzzing an operation by its table, and the requests that it kept as tests. `coracle fuzz` writes
 * both programs; nobody else need.
 *
 * The target, compiled by clang with -fsanitize=fuzzer,address,undefined, is one line:
 *
 *     extern const struct cor_service shop_service;
 *     COR_FUZZ(shop_service)
 *
 * It runs the whole service inside of its process, as test_service.h does, in a world in memory,
 * where time does not pass by itself and no other server answers. The bytes of an input are
 * choices: each sequence of them is a request of the operation, and where they end all choices are
 * the first. So the empty input is the request that the document's examples make, and changes of
 * one byte change one thing: a member left out, a value at a bound or beyond it, another type, a
 * name that nobody knows. Text in an input comes before its choices and stands in the request as it
 * is, so that what a handler compares it with is found (docs/adr/0087).
 *
 * A request is a finding if the process crashes, a sanitizer reports, memory is leaked, no answer
 * comes, the answer has a status that the operation does not declare or 500, or a body that its
 * schema does not allow. 502, 503 and 504 are none: the servers that it calls are not there.
 *
 * What was kept is a test of its own:
 *
 *     int main(int argc, char **argv)
 *     {
 *             return cor_fuzz_kept_main(argc, argv, &shop_service);
 *     }
 *
 * Each file below OPERATION/ beside the source is a case, named after it. It is the text of a
 * request, which may be edited: lines of '#' that say what was found, the request line, headers, an
 * empty line, and the body as it is. Content-Length is not written: it follows. Each new service is
 * sent the requests of "before.http" first, which is beside the source or in the folder above
 * (docs/testing.md); what they bring lets the kept ones in, and is no part of them.
 */
#ifndef CORACLE_TEST_FUZZ_H
#define CORACLE_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/service.h>

COR_BEGIN_DECLS

/* clang-format off */

/** The functions that libFuzzer calls, for a service. */
#define COR_FUZZ(service_) \
	int LLVMFuzzerInitialize(int *argc, char ***argv); \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len); \
	int LLVMFuzzerInitialize(int *argc, char ***argv) \
	{ \
		return cor_fuzz_begin(argc, argv, &(service_)); \
	} \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) \
	{ \
		return cor_fuzz_input(data, len); \
	}

/**
 * Send what was kept beside this source: the whole of main. Options and status are those of
 * cor_test_main(); 4 also if a file cannot be read, or is no request.
 */
#define cor_fuzz_kept_main(argc, argv, service_) \
	cor_fuzz_kept((argc), (argv), __FILE__, (service_))

/* clang-format on */

/**
 * Read the options that begin with "--", which libFuzzer leaves alone, and start the service. Ends
 * the process where that fails, or where an option asks for something else than fuzzing.
 */
COR_API int cor_fuzz_begin(const int *argc, char ***argv, const struct cor_service *service);

/** Send the request of an input. Aborts the process if it is a finding. Returns 0. */
COR_API int cor_fuzz_input(const uint8_t *data, size_t len);

/** The function behind the macro. */
COR_API int cor_fuzz_kept(
	int argc, char **argv, const char *file, const struct cor_service *service) COR_CHECKED;

COR_END_DECLS
#endif
