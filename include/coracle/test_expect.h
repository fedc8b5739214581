/* SPDX-License-Identifier: MIT */
/**
 * What a test expects.
 *
 *     cor_expect_equal(t, book.id, 7);
 *     cor_require_equal(t, book.title, "Emma");
 *
 * Each comes in two forms, with the same arguments: after cor_expect_*() that fails the test goes
 * on, cor_require_*() ends it, as cor_test_end() does. They return whether it was so. The first
 * operand is what there is, the second what is wanted; a failure prints both, as they are written
 * and what they are. Operands are evaluated once.
 *
 *     tests/test_books.c:12: book.id is not 7
 *         is     8
 *         wanted 7
 *
 * Operands of cor_expect_equal() and of its kin may be integers of any type (compared by value: -1
 * is not UINT64_MAX), bool, float and double, texts (const char *, struct cor_str: NULL is equal to
 * NULL alone) and other pointers. Structs are compared by cor_expect_same(). Texts of several lines
 * are printed as the lines that differ.
 */
#ifndef CORACLE_TEST_EXPECT_H
#define CORACLE_TEST_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <coracle/api.h>
#include <coracle/schema.h>
#include <coracle/str.h>
#include <coracle/test.h>

COR_BEGIN_DECLS

/* clang-format off */

/** The condition is true. */
#define cor_expect(t, condition) \
	cor_test_check((t), COR_EXPECTED_(#condition, ""), (condition))
#define cor_require(t, condition) \
	cor_test_check((t), COR_REQUIRED_(#condition, ""), (condition))

/** Equal, or not. */
#define cor_expect_equal(t, got, wanted) \
	COR_COMPARE_(t, COR_EXPECTED_(#got, #wanted), COR_TEST_EQUAL, got, wanted)
#define cor_require_equal(t, got, wanted) \
	COR_COMPARE_(t, COR_REQUIRED_(#got, #wanted), COR_TEST_EQUAL, got, wanted)
#define cor_expect_unequal(t, got, unwanted) \
	COR_COMPARE_(t, COR_EXPECTED_(#got, #unwanted), COR_TEST_UNEQUAL, got, unwanted)
#define cor_require_unequal(t, got, unwanted) \
	COR_COMPARE_(t, COR_REQUIRED_(#got, #unwanted), COR_TEST_UNEQUAL, got, unwanted)

/** The order of numbers and texts: got < bound, got <= bound, got > bound, got >= bound. */
#define cor_expect_less(t, got, bound) \
	COR_COMPARE_(t, COR_EXPECTED_(#got, #bound), COR_TEST_LESS, got, bound)
#define cor_require_less(t, got, bound) \
	COR_COMPARE_(t, COR_REQUIRED_(#got, #bound), COR_TEST_LESS, got, bound)
#define cor_expect_at_most(t, got, bound) \
	COR_COMPARE_(t, COR_EXPECTED_(#got, #bound), COR_TEST_AT_MOST, got, bound)
#define cor_require_at_most(t, got, bound) \
	COR_COMPARE_(t, COR_REQUIRED_(#got, #bound), COR_TEST_AT_MOST, got, bound)
#define cor_expect_more(t, got, bound) \
	COR_COMPARE_(t, COR_EXPECTED_(#got, #bound), COR_TEST_MORE, got, bound)
#define cor_require_more(t, got, bound) \
	COR_COMPARE_(t, COR_REQUIRED_(#got, #bound), COR_TEST_MORE, got, bound)
#define cor_expect_at_least(t, got, bound) \
	COR_COMPARE_(t, COR_EXPECTED_(#got, #bound), COR_TEST_AT_LEAST, got, bound)
#define cor_require_at_least(t, got, bound) \
	COR_COMPARE_(t, COR_REQUIRED_(#got, #bound), COR_TEST_AT_LEAST, got, bound)

/** Doubles that are at most `tolerance` apart. NaN is near nothing. */
#define cor_expect_near(t, got, wanted, tolerance) \
	cor_test_near((t), COR_EXPECTED_(#got, #wanted), (got), (wanted), (tolerance))
#define cor_require_near(t, got, wanted, tolerance) \
	cor_test_near((t), COR_REQUIRED_(#got, #wanted), (got), (wanted), (tolerance))

/** The text has the part in it. */
#define cor_expect_contains(t, got, part) \
	COR_COMPARE_(t, COR_EXPECTED_(#got, #part), COR_TEST_CONTAINS, got, part)
#define cor_require_contains(t, got, part) \
	COR_COMPARE_(t, COR_REQUIRED_(#got, #part), COR_TEST_CONTAINS, got, part)
/** The text has it not. */
#define cor_expect_lacks(t, got, part) \
	COR_COMPARE_(t, COR_EXPECTED_(#got, #part), COR_TEST_LACKS, got, part)
#define cor_require_lacks(t, got, part) \
	COR_COMPARE_(t, COR_REQUIRED_(#got, #part), COR_TEST_LACKS, got, part)
/** The text has a match of the pattern: an extended regular expression of POSIX. */
#define cor_expect_matches(t, got, pattern) \
	COR_COMPARE_(t, COR_EXPECTED_(#got, #pattern), COR_TEST_MATCHES, got, pattern)
#define cor_require_matches(t, got, pattern) \
	COR_COMPARE_(t, COR_REQUIRED_(#got, #pattern), COR_TEST_MATCHES, got, pattern)

/** A return code; a failure prints the names of both: ETIMEDOUT, COR_EPROBLEM. */
#define cor_expect_code(t, code, wanted) \
	cor_test_code((t), COR_EXPECTED_(#code, #wanted), (code), (wanted))
#define cor_require_code(t, code, wanted) \
	cor_test_code((t), COR_REQUIRED_(#code, #wanted), (code), (wanted))
/** A return code that is 0. */
#define cor_expect_ok(t, code) cor_test_code((t), COR_EXPECTED_(#code, "0"), (code), 0)
#define cor_require_ok(t, code) cor_test_code((t), COR_REQUIRED_(#code, "0"), (code), 0)

/** The same bytes; a failure prints those that differ, in hexadecimal. */
#define cor_expect_memory(t, got, wanted, bytes) \
	cor_test_memory((t), COR_EXPECTED_(#got, #wanted), (got), (wanted), (bytes))
#define cor_require_memory(t, got, wanted, bytes) \
	cor_test_memory((t), COR_REQUIRED_(#got, #wanted), (got), (wanted), (bytes))

/**
 * The same JSON, as cor_node_equal() has it: members in any order, numbers by value. The operands
 * are texts. A failure prints each pointer whose value is missing, more than wanted, or another.
 */
#define cor_expect_json(t, got, wanted) \
	COR_COMPARE_(t, COR_EXPECTED_(#got, #wanted), COR_TEST_JSON, got, wanted)
#define cor_require_json(t, got, wanted) \
	COR_COMPARE_(t, COR_REQUIRED_(#got, #wanted), COR_TEST_JSON, got, wanted)

/**
 * Structs that have the same JSON by their schema, with a failure as above:
 *
 *     cor_expect_same(t, book_schema, &got, &(struct book){ .id = 7, .title = "Emma" });
 *
 * What no row names is not compared.
 */
#define cor_expect_same(t, schema_, got, ...) \
	cor_test_same((t), COR_EXPECTED_(#got, #__VA_ARGS__), &(schema_).schema, \
		COR_TYPED_(got, schema_), COR_TYPED_((__VA_ARGS__), schema_))
#define cor_require_same(t, schema_, got, ...) \
	cor_test_same((t), COR_REQUIRED_(#got, #__VA_ARGS__), &(schema_).schema, \
		COR_TYPED_(got, schema_), COR_TYPED_((__VA_ARGS__), schema_))

/**
 * The items of an array, in any order, each as often as it is wanted (Python's assertCountEqual):
 *
 *     cor_expect_items(t, list.titles, list.len, "Emma", "Persuasion");
 *
 * Items are numbers, texts or pointers. Of structs compare a member, or cor_expect_same().
 */
#define cor_expect_items(t, got, len, ...) \
	COR_ITEMS_(t, COR_EXPECTED_(#got, #__VA_ARGS__), got, len, __VA_ARGS__)
#define cor_require_items(t, got, len, ...) \
	COR_ITEMS_(t, COR_REQUIRED_(#got, #__VA_ARGS__), got, len, __VA_ARGS__)

/* --- what the macros are made of --- */

/** Where an expectation stands, and how it is written. */
struct cor_test_place {
	const char *file;
	int line;
	const char *got;
	const char *wanted;
	bool ends; /* the test, if it is not so */
};

#define COR_EXPECTED_(got_, wanted_) \
	(&(const struct cor_test_place){ __FILE__, __LINE__, (got_), (wanted_), false })
#define COR_REQUIRED_(got_, wanted_) \
	(&(const struct cor_test_place){ __FILE__, __LINE__, (got_), (wanted_), true })

/* clang-format on */

/** How operands may stand to each other. */
enum cor_test_relation {
	COR_TEST_EQUAL,
	COR_TEST_UNEQUAL,
	COR_TEST_LESS,
	COR_TEST_AT_MOST,
	COR_TEST_MORE,
	COR_TEST_AT_LEAST,
	COR_TEST_CONTAINS,
	COR_TEST_LACKS,
	COR_TEST_MATCHES,
	COR_TEST_JSON,
};

enum cor_test_kind {
	COR_TEST_BOOL,
	COR_TEST_CHAR,
	COR_TEST_SIGNED,
	COR_TEST_UNSIGNED,
	COR_TEST_DOUBLE,
	COR_TEST_TEXT,
	COR_TEST_POINTER,
};

/** An operand. */
struct cor_test_value {
	enum cor_test_kind kind;
	int64_t number; /* of a bool, a char and a signed integer */
	uint64_t large; /* of an unsigned one */
	double real;
	struct cor_str text;
	const void *pointer; /* of a text, too */
};

/* clang-format off */

#define COR_COMPARE_(t, place, relation, got, wanted) \
	cor_test_compare((t), place, relation, COR_VALUE_(got), COR_VALUE_(wanted))
#define COR_VALUE_(operand) \
	_Generic((operand), \
		bool: cor_test_bool, \
		char: cor_test_char, \
		signed char: cor_test_signed, \
		short: cor_test_signed, \
		int: cor_test_signed, \
		long: cor_test_signed, \
		long long: cor_test_signed, \
		unsigned char: cor_test_unsigned, \
		unsigned short: cor_test_unsigned, \
		unsigned int: cor_test_unsigned, \
		unsigned long: cor_test_unsigned, \
		unsigned long long: cor_test_unsigned, \
		float: cor_test_double, \
		double: cor_test_double, \
		char *: cor_test_text, \
		const char *: cor_test_text, \
		struct cor_str: cor_test_str, \
		default: cor_test_pointer)(operand)

#define COR_ITEMS_(t, place, got, len_, ...) \
	cor_test_items((t), place, COR_ITEM_KIND_((got)[0]), sizeof((got)[0]), (got), (len_), \
		(const __typeof__((got)[0])[]){ __VA_ARGS__ }, \
		sizeof((const __typeof__((got)[0])[]){ __VA_ARGS__ }) / sizeof((got)[0]))
#define COR_ITEM_KIND_(item) \
	_Generic((item), \
		bool: COR_TEST_BOOL, \
		char: COR_TEST_CHAR, \
		signed char: COR_TEST_SIGNED, \
		short: COR_TEST_SIGNED, \
		int: COR_TEST_SIGNED, \
		long: COR_TEST_SIGNED, \
		long long: COR_TEST_SIGNED, \
		unsigned char: COR_TEST_UNSIGNED, \
		unsigned short: COR_TEST_UNSIGNED, \
		unsigned int: COR_TEST_UNSIGNED, \
		unsigned long: COR_TEST_UNSIGNED, \
		unsigned long long: COR_TEST_UNSIGNED, \
		float: COR_TEST_DOUBLE, \
		double: COR_TEST_DOUBLE, \
		char *: COR_TEST_TEXT, \
		const char *: COR_TEST_TEXT, \
		struct cor_str: COR_TEST_TEXT, \
		default: COR_TEST_POINTER)

/* clang-format on */

static inline struct cor_test_value cor_test_bool(bool operand)
{
	struct cor_test_value value = { COR_TEST_BOOL, operand, 0, 0, { NULL, 0 }, NULL };
	return value;
}
static inline struct cor_test_value cor_test_char(char operand)
{
	struct cor_test_value value = { COR_TEST_CHAR, operand, 0, 0, { NULL, 0 }, NULL };
	return value;
}
static inline struct cor_test_value cor_test_signed(int64_t operand)
{
	struct cor_test_value value = { COR_TEST_SIGNED, operand, 0, 0, { NULL, 0 }, NULL };
	return value;
}
static inline struct cor_test_value cor_test_unsigned(uint64_t operand)
{
	struct cor_test_value value = { COR_TEST_UNSIGNED, 0, operand, 0, { NULL, 0 }, NULL };
	return value;
}
static inline struct cor_test_value cor_test_double(double operand)
{
	struct cor_test_value value = { COR_TEST_DOUBLE, 0, 0, operand, { NULL, 0 }, NULL };
	return value;
}
static inline struct cor_test_value cor_test_text(const char *operand)
{
	struct cor_test_value value = { COR_TEST_TEXT, 0, 0, 0, cor_str(operand), operand };
	return value;
}
/** A struct cor_str without bytes is "", not NULL. */
static inline struct cor_test_value cor_test_str(struct cor_str operand)
{
	struct cor_test_value value = { COR_TEST_TEXT, 0, 0, 0, operand, operand.data };
	if (!operand.data)
		value.pointer = "";
	return value;
}
/** A struct is not an operand: see cor_expect_same(). */
static inline struct cor_test_value cor_test_pointer(const void *operand)
{
	struct cor_test_value value = { COR_TEST_POINTER, 0, 0, 0, { NULL, 0 }, operand };
	return value;
}

COR_API bool cor_test_check(struct cor_test *t, const struct cor_test_place *place, bool condition);
COR_API bool cor_test_compare(struct cor_test *t, const struct cor_test_place *place,
	enum cor_test_relation relation, struct cor_test_value got, struct cor_test_value wanted);
COR_API bool cor_test_near(struct cor_test *t, const struct cor_test_place *place, double got,
	double wanted, double tolerance);
COR_API bool cor_test_code(
	struct cor_test *t, const struct cor_test_place *place, int64_t got, int64_t wanted);
COR_API bool cor_test_memory(struct cor_test *t, const struct cor_test_place *place,
	const void *got, const void *wanted, size_t bytes);
COR_API bool cor_test_items(struct cor_test *t, const struct cor_test_place *place,
	enum cor_test_kind kind, size_t bytes, const void *got, size_t len, const void *wanted,
	size_t wanted_len);
COR_API bool cor_test_same(struct cor_test *t, const struct cor_test_place *place,
	const struct cor_schema *schema, const void *got, const void *wanted);

COR_END_DECLS
#endif
