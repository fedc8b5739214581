/* SPDX-License-Identifier: MIT */
/**
 * Tests that nobody writes: each operation of a service is driven from its tables.
 *
 *     int main(int argc, char **argv)
 *     {
 *             return cor_contract_main(
 *                     argc, argv, &(struct cor_contract){ .service = &shop_service });
 *     }
 *
 * The contract is what the tables promise to clients: the OpenAPI document, made in memory. From it
 * come a test for each operation and each row of its input, "POST /books[body /title]", with valid
 * values, those at each bound and one beyond, wrong types, null, what is left out; and tests of
 * what all operations have: methods, media types, sizes, credentials, conditions. Held to it are
 *
 *  - valid input: a status that is declared, and does not refuse it (400, 401, 405, 406, 413, 415,
 *    422);
 *  - invalid input: 400 or 422, with a violation that names the row;
 *  - every answer: a declared status, its media type, its headers, and a body that its schema
 *    allows and that has no member besides.
 *
 * What fails is told with the request as a command of curl. Behind the tests stands what no request
 * has seen of the declared statuses.
 *
 * Each test has the service of test_service.h, new, with .before_each around it; so the program has
 * all options of cor_test_main(), which it calls.
 *
 * A file "before.http" beside the source of the program, or in the folder above, has requests that
 * each service is sent first, behind .before_each: who logs in, what is there (docs/testing.md has
 * its form). What it brings counts where .credentials and .inputs give nothing.
 */
#ifndef CORACLE_TEST_CONTRACT_H
#define CORACLE_TEST_CONTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/security.h>
#include <coracle/service.h>
#include <coracle/test.h>

COR_BEGIN_DECLS

/** What lets requests in. */
struct cor_contract_credential {
	const struct cor_security_scheme *scheme;
	/** A token, "name:password" for COR_BASIC, or a key; as the scheme has it. */
	const char *value;
	/**
	 * Or a function that gets one from the service, and returns it; text of the test's, such as
	 * cor_test_at() returns. NULL: the cookies that the service has set are it.
	 */
	const char *(*log_in)(struct cor_test *t);
	/** Of somebody without any scope: such is a 403. NULL: that is not driven. */
	const char *poor;
};

/** A value of a row that no table tells: an id that is there. */
struct cor_contract_input {
	const char *operation; /* "GET /books/{id}"; NULL: any that has the row */
	/** "path id", "query q", "header X-Key", "cookie theme"; "body /title", a pointer. */
	const char *row;
	/** Text as a client writes it; of a body JSON: "\"Emma\"". */
	const char *value;
};

/**
 * What is left out, and why: an operation; one of its tests, "path id", "method" (.row); a status
 * that is declared, and that no test can show (.status); or both: valid values of the row may be
 * refused with that status, for a reason that no table knows.
 */
struct cor_contract_exception {
	const char *operation; /* "GET /books/{id}"; NULL: any */
	const char *row;
	uint16_t status;
	const char *reason; /* is needed, and printed */
};

/** What is driven, and with what. */
struct cor_contract {
	/** Of the reports. NULL: that of the program. */
	const char *name;
	const struct cor_service *service;
	/** Before each test, and before "before.http": cor_test_use(), cor_test_post() ... */
	cor_test_function *before_each;
	const struct cor_contract_credential *credentials; /* COR_CONTRACT_CREDENTIALS(...) */
	/** COR_CONTRACT_INPUTS(...): a row's first is used everywhere, its others are tried. */
	const struct cor_contract_input *inputs;
	const struct cor_contract_exception *exceptions; /* COR_CONTRACT_EXCEPTIONS(...) */
	/** COR_CONTRACT_STRICT: a declared status that no test has seen fails, if all have run. */
	enum { COR_CONTRACT_REPORTS = 0, COR_CONTRACT_STRICT } unseen;
	/** How long a test may take. 0: 10,000. */
	int64_t timeout_ms;
	unsigned leaks; /* enum cor_leaks that are allowed */
};

/* clang-format off */

/* Lists that live as long as the block around them; an empty row ends each. */
#define COR_CONTRACT_CREDENTIALS(...) \
	(const struct cor_contract_credential[]) { __VA_ARGS__, { .scheme = NULL } }
#define COR_CONTRACT_INPUTS(...) \
	(const struct cor_contract_input[]) { __VA_ARGS__, { .row = NULL } }
#define COR_CONTRACT_EXCEPTIONS(...) \
	(const struct cor_contract_exception[]) { __VA_ARGS__, { .reason = NULL } }

/**
 * Drive the service: the whole of main, before any thread is started. Options are those of
 * cor_test_main(). Returns the exit status for main, as that does; 4 also if the service's tables
 * contradict themselves, if a row above names nothing that is there, or if "before.http" is wrong.
 */
#define cor_contract_main(argc, argv, ...) \
	cor_contract_run(__gcov_exit, (argc), (argv), __FILE__, __LINE__, __VA_ARGS__)

/* clang-format on */

/** The function behind the macro; for the first argument see cor_test_main(). */
COR_API int cor_contract_run(void (*keep_counts)(void), int argc, char **argv, const char *file,
	int line, const struct cor_contract *contract) COR_CHECKED;

COR_END_DECLS
#endif
