/* SPDX-License-Identifier: MIT */
/**
 * Snapshots: JSON that a test has once accepted, in a file beside it.
 *
 *     cor_expect_snapshot(t, "list_of_books", answer.body);
 *
 * The file is snapshots/test_books.list_of_books.json, in the folder of the test's source
 * (test_books.c here). The test program writes it when it runs with --update-snapshots; without
 * that the test fails where there is none, or the JSON is another: which is told by pointer. What
 * is the same JSON (cor_node_equal()) leaves the file alone, however it is written.
 *
 * At the end of a run of all tests, of which none failed or was skipped, a snapshot that nobody has
 * used is told on standard error; --update-snapshots removes it.
 *
 * The source is found as the compiler was given its name: run the program in the folder where it
 * was compiled. Thread rules are those of test.h. Does not yield.
 */
#ifndef CORACLE_TEST_SNAPSHOT_H
#define CORACLE_TEST_SNAPSHOT_H

#include <stdbool.h>

#include <coracle/api.h>
#include <coracle/test.h>
#include <coracle/test_expect.h>

COR_BEGIN_DECLS

/* clang-format off */

/** A name of letters, digits, `_` and `-`; JSON as text. Returns whether it is the same. */
#define cor_expect_snapshot(t, name, json) \
	cor_test_snapshot((t), COR_EXPECTED_(#json, #name), (name), COR_VALUE_(json))
#define cor_require_snapshot(t, name, json) \
	cor_test_snapshot((t), COR_REQUIRED_(#json, #name), (name), COR_VALUE_(json))

/* clang-format on */

COR_API bool cor_test_snapshot(struct cor_test *t, const struct cor_test_place *place,
	const char *name, struct cor_test_value json);

COR_END_DECLS
#endif
