/* SPDX-License-Identifier: MIT */
/**
 * Mocks: functions whose calls a test notes, and answers itself.
 *
 *     #include "shelf.h" // int shelf_find(int64_t id, struct book *ret);
 *
 *     COR_MOCK(int, shelf_find, (int64_t, id), (struct book *, ret));
 *
 *     static void a_book_that_is_out_is_a_409(struct cor_test *t)
 *     {
 *             cor_mock_returns(t, shelf_find, -ENOENT, 0);
 *             cor_expect_code(t, lend(7), -EBUSY);
 *             cor_expect_called_with(t, shelf_find, .id = COR_IS(7));
 *     }
 *
 * The program is linked with `-Wl,--wrap=shelf_find`: then each call from another file than the
 * function's own comes here. Without that option it is not linked: __real_shelf_find is undefined.
 * The compiler refuses a mock of a function that nobody has declared, or of another type, and each
 * use of a mock, an argument or a value that does not exist or has another type.
 *
 * Until a test says what a mock does, it is as if it were not there: the real function is called,
 * and no call is noted. At the end of the test it is so again. What is asked of a mock before that
 * fails; so does a mock in a fixture that runs once. Arguments that are texts (const char *, struct
 * cor_str) are copied when they are noted; what other pointers point to is not.
 *
 * Calls may come from any thread and fiber; the functions here are for the test's own thread. None
 * yields.
 */
#ifndef CORACLE_TEST_MOCK_H
#define CORACLE_TEST_MOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <coracle/api.h>
#include <coracle/str.h>
#include <coracle/test.h>
#include <coracle/test_expect.h>

COR_BEGIN_DECLS

/* --- what a mock does --- */

/* clang-format off */

/** These values, one for each call. A call when none is left fails the test, and ends it. */
#define cor_mock_returns(t, function_, ...) \
	cor_mock_queue((t), &function_##_mock_, (function_##_result_[]){ __VA_ARGS__ }, \
		sizeof((function_##_result_[]){ __VA_ARGS__ }) / sizeof(function_##_result_))
/** This value, always. */
#define cor_mock_always(t, function_, ...) \
	cor_mock_constant((t), &function_##_mock_, (function_##_result_[]){ __VA_ARGS__ })
/** What another function of the same type does. */
#define cor_mock_does(t, function_, other) \
	cor_mock_call_other((t), &function_##_mock_, \
		(void (*)(void))_Generic(&(other), __typeof__(&(function_)): &(other)))
/** What the real function does; of a COR_MOCK_FUNCTION(): nothing, and 0 is returned. */
#define cor_mock_spy(t, function_) cor_mock_watch((t), &function_##_mock_)
/** Forget the calls. What it does stays, what is left of its values, too. */
#define cor_mock_reset(t, function_) cor_mock_forget_calls((t), &function_##_mock_)
/** It is no more used by this test. */
#define cor_mock_end(t, function_) cor_mock_release((t), &function_##_mock_)

/* --- what was called --- */

/** How often it was called. */
#define cor_mock_count(function_) cor_mock_calls(&function_##_mock_)
/** The arguments of a call, from 0, as members of a struct; NULL: there were not so many. */
#define cor_mock_call(function_, at) \
	((const struct function_##_call_ *)cor_mock_arguments(&function_##_mock_, (at)))

#define cor_expect_called(t, function_) \
	cor_mock_expect_count((t), COR_EXPECTED_(#function_, ""), &function_##_mock_, 1, SIZE_MAX)
#define cor_expect_not_called(t, function_) \
	cor_mock_expect_count((t), COR_EXPECTED_(#function_, ""), &function_##_mock_, 0, 0)
#define cor_expect_called_once(t, function_) cor_expect_called_times(t, function_, 1)
#define cor_expect_called_times(t, function_, times) \
	cor_mock_expect_count((t), COR_EXPECTED_(#function_, #times), &function_##_mock_, \
		(times), (times))

/**
 * The last call had these arguments; those that are not named may be anything:
 *
 *     cor_expect_called_with(t, shelf_find, .id = COR_IS(7), .title = COR_IS("Emma"));
 */
#define cor_expect_called_with(...) COR_CALLED_WITH_(COR_MOCK_LAST, __VA_ARGS__, )
/** The only call had. */
#define cor_expect_called_once_with(...) COR_CALLED_WITH_(COR_MOCK_ONLY, __VA_ARGS__, )
/** One of the calls had. */
#define cor_expect_any_call(...) COR_CALLED_WITH_(COR_MOCK_ANY, __VA_ARGS__, )

#define COR_CALLED_WITH_(which, t, function_, ...) \
	cor_mock_expect_call((t), COR_EXPECTED_(#function_, ""), which, \
		&COR_MOCK_CALL_(function_, __VA_ARGS__))

/** A value of an argument. */
#define COR_IS(value_) { .value = (value_), .is_wanted = true }

/**
 * These calls stand in this order among those of the mocks that are named, with no other of them in
 * between:
 *
 *     cor_expect_calls(t, COR_CALL(shelf_open), COR_CALL(shelf_find, .id = COR_IS(7)));
 */
#define cor_expect_calls(t, ...) \
	cor_mock_expect_calls((t), COR_EXPECTED_("", ""), \
		(const struct cor_mock_wanted[]){ __VA_ARGS__ }, \
		sizeof((const struct cor_mock_wanted[]){ __VA_ARGS__ }) / \
			sizeof(struct cor_mock_wanted), false)
/** In any order, and with others in between. */
#define cor_expect_calls_in_any_order(t, ...) \
	cor_mock_expect_calls((t), COR_EXPECTED_("", ""), \
		(const struct cor_mock_wanted[]){ __VA_ARGS__ }, \
		sizeof((const struct cor_mock_wanted[]){ __VA_ARGS__ }) / \
			sizeof(struct cor_mock_wanted), true)
#define COR_CALL(...) COR_MOCK_CALL_(__VA_ARGS__, )
#define COR_MOCK_CALL_(function_, ...) \
	(const struct cor_mock_wanted){ &function_##_mock_, \
		&(const struct function_##_wanted_){ .cor_none_ = 0, __VA_ARGS__ } }

/* --- making one --- */

/**
 * A mock of a function, at the level of the file: what it returns, its name, and its arguments as
 * (type, name), at most 8. A type that is written around the name needs a typedef.
 */
#define COR_MOCK(...) \
	COR_MOCK_PICK_(COR_MOCK_WRAP_, COR_MOCK_LEN_(__VA_ARGS__), __VA_ARGS__, )
/** The same of a function that returns nothing: its name, and its arguments. */
#define COR_MOCK_VOID(...) \
	COR_MOCK_PICK_(COR_MOCK_WRAP_VOID_, COR_MOCK_LEN_(void, __VA_ARGS__), void, __VA_ARGS__, )
/** A function of its own, for whatever takes the address of one: no linker is asked. */
#define COR_MOCK_FUNCTION(...) \
	COR_MOCK_PICK_(COR_MOCK_OWN_, COR_MOCK_LEN_(__VA_ARGS__), __VA_ARGS__, )
#define COR_MOCK_FUNCTION_VOID(...) \
	COR_MOCK_PICK_(COR_MOCK_OWN_VOID_, COR_MOCK_LEN_(void, __VA_ARGS__), void, __VA_ARGS__, )

#define COR_MOCK_LEN_(...) COR_MOCK_ELEVENTH_(__VA_ARGS__, 8, 7, 6, 5, 4, 3, 2, 1, 0, )
#define COR_MOCK_ELEVENTH_(a, b, c, d, e, f, g, h, i, j, k, ...) k
#define COR_MOCK_PICK_(form, len, ...) COR_MOCK_PICKED_(form, len, __VA_ARGS__)
#define COR_MOCK_PICKED_(form, len, ...) form(len, __VA_ARGS__)

/* "m a" would do for compilers; the preprocessor of cppcheck does not look at it again. */
#define COR_BARE_(...) __VA_ARGS__
#define COR_APPLY_(m, ...) m(__VA_ARGS__)

#define COR_EACH_0_(m, ...)
#define COR_EACH_1_(m, a, ...) COR_APPLY_(m, COR_BARE_ a)
#define COR_EACH_2_(m, a, ...) COR_APPLY_(m, COR_BARE_ a) COR_EACH_1_(m, __VA_ARGS__)
#define COR_EACH_3_(m, a, ...) COR_APPLY_(m, COR_BARE_ a) COR_EACH_2_(m, __VA_ARGS__)
#define COR_EACH_4_(m, a, ...) COR_APPLY_(m, COR_BARE_ a) COR_EACH_3_(m, __VA_ARGS__)
#define COR_EACH_5_(m, a, ...) COR_APPLY_(m, COR_BARE_ a) COR_EACH_4_(m, __VA_ARGS__)
#define COR_EACH_6_(m, a, ...) COR_APPLY_(m, COR_BARE_ a) COR_EACH_5_(m, __VA_ARGS__)
#define COR_EACH_7_(m, a, ...) COR_APPLY_(m, COR_BARE_ a) COR_EACH_6_(m, __VA_ARGS__)
#define COR_EACH_8_(m, a, ...) COR_APPLY_(m, COR_BARE_ a) COR_EACH_7_(m, __VA_ARGS__)

#define COR_LIST_0_(m, none, ...) none
#define COR_LIST_1_(m, none, a, ...) COR_APPLY_(m, COR_BARE_ a)
#define COR_LIST_2_(m, none, a, ...) COR_APPLY_(m, COR_BARE_ a), COR_LIST_1_(m, none, __VA_ARGS__)
#define COR_LIST_3_(m, none, a, ...) COR_APPLY_(m, COR_BARE_ a), COR_LIST_2_(m, none, __VA_ARGS__)
#define COR_LIST_4_(m, none, a, ...) COR_APPLY_(m, COR_BARE_ a), COR_LIST_3_(m, none, __VA_ARGS__)
#define COR_LIST_5_(m, none, a, ...) COR_APPLY_(m, COR_BARE_ a), COR_LIST_4_(m, none, __VA_ARGS__)
#define COR_LIST_6_(m, none, a, ...) COR_APPLY_(m, COR_BARE_ a), COR_LIST_5_(m, none, __VA_ARGS__)
#define COR_LIST_7_(m, none, a, ...) COR_APPLY_(m, COR_BARE_ a), COR_LIST_6_(m, none, __VA_ARGS__)
#define COR_LIST_8_(m, none, a, ...) COR_APPLY_(m, COR_BARE_ a), COR_LIST_7_(m, none, __VA_ARGS__)

#define COR_MOCK_MEMBER_(type, name) type name;
#define COR_MOCK_WANTED_(type, name) struct { type value; bool is_wanted; } name;
#define COR_MOCK_PARAMETER_(type, name) type name
#define COR_MOCK_NAME_(type, name) name
#define COR_MOCK_SET_(type, name) .name = name,
#define COR_MOCK_ROW_(type, name) \
	{ #name, COR_MOCK_KIND_OF_(((cor_call_){ 0 }).name), offsetof(cor_call_, name), \
		sizeof(((cor_call_){ 0 }).name), offsetof(cor_wanted_, name.value), \
		offsetof(cor_wanted_, name.is_wanted) },
#define COR_MOCK_KIND_OF_(operand) \
	_Generic((operand), \
		bool: COR_MOCK_BOOL, \
		char: COR_MOCK_CHAR, \
		signed char: COR_MOCK_SIGNED, \
		short: COR_MOCK_SIGNED, \
		int: COR_MOCK_SIGNED, \
		long: COR_MOCK_SIGNED, \
		long long: COR_MOCK_SIGNED, \
		unsigned char: COR_MOCK_UNSIGNED, \
		unsigned short: COR_MOCK_UNSIGNED, \
		unsigned int: COR_MOCK_UNSIGNED, \
		unsigned long: COR_MOCK_UNSIGNED, \
		unsigned long long: COR_MOCK_UNSIGNED, \
		float: COR_MOCK_FLOAT, \
		double: COR_MOCK_DOUBLE, \
		char *: COR_MOCK_TEXT, \
		const char *: COR_MOCK_TEXT, \
		struct cor_str: COR_MOCK_STR, \
		default: COR_MOCK_BYTES)

/* The types of a mock, and its state, which only a static can be: a real caller hands none on. */
#define COR_MOCK_STATE_(len, function_, bytes_, ...) \
	struct function_##_call_ { \
		char cor_none_; \
		COR_EACH_##len##_(COR_MOCK_MEMBER_, __VA_ARGS__) \
	}; \
	struct function_##_wanted_ { \
		char cor_none_; \
		COR_EACH_##len##_(COR_MOCK_WANTED_, __VA_ARGS__) \
	}; \
	static const struct cor_mock_argument *function_##_arguments_(void) \
	{ \
		typedef struct function_##_call_ cor_call_; \
		typedef struct function_##_wanted_ cor_wanted_; \
		static const struct cor_mock_argument arguments[] = { \
			COR_EACH_##len##_(COR_MOCK_ROW_, __VA_ARGS__) \
			{ NULL, COR_MOCK_BYTES, sizeof(cor_call_), 0, sizeof(cor_wanted_), 0 } \
		}; \
		return arguments; \
	} \
	static struct cor_mock function_##_mock_ = { .name = #function_, \
		.file = __FILE__, .line = __LINE__, .arguments = function_##_arguments_, \
		.call_bytes = sizeof(struct function_##_call_), .result_bytes = (bytes_) }

#define COR_MOCK_ENTER_(len, function_, result, ...) \
	const struct function_##_call_ cor_made = { .cor_none_ = 0, \
		COR_EACH_##len##_(COR_MOCK_SET_, __VA_ARGS__) }; \
	enum cor_mock_turn cor_turn = cor_mock_enter(&function_##_mock_, &cor_made, (result)); \
	__typeof__(&(function_)) cor_other = (__typeof__(&(function_)))function_##_mock_.other

#define COR_MOCK_REAL_(len, result_, function_, ...) \
	result_ __real_##function_(COR_LIST_##len##_(COR_MOCK_PARAMETER_, void, __VA_ARGS__)); \
	result_ __wrap_##function_(COR_LIST_##len##_(COR_MOCK_PARAMETER_, void, __VA_ARGS__)); \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&function_), \
			__typeof__(&__real_##function_)), \
		"a mock must have the type of " #function_); \
	typedef result_ function_##_result_

#define COR_MOCK_WRAP_(len, result_, function_, ...) \
	COR_MOCK_REAL_(len, result_, function_, __VA_ARGS__); \
	COR_MOCK_STATE_(len, function_, sizeof(result_), __VA_ARGS__); \
	result_ __wrap_##function_(COR_LIST_##len##_(COR_MOCK_PARAMETER_, void, __VA_ARGS__)) \
	{ \
		result_ cor_result; \
		memset(&cor_result, 0, sizeof cor_result); \
		COR_MOCK_ENTER_(len, function_, &cor_result, __VA_ARGS__); \
		if (cor_turn == COR_MOCK_TO_OTHER) \
			return cor_other(COR_LIST_##len##_(COR_MOCK_NAME_, , __VA_ARGS__)); \
		if (cor_turn == COR_MOCK_TO_REAL) \
			return __real_##function_( \
				COR_LIST_##len##_(COR_MOCK_NAME_, , __VA_ARGS__)); \
		return cor_result; \
	} \
	_Static_assert(1, "a semicolon follows")

#define COR_MOCK_WRAP_VOID_(len, result_, function_, ...) \
	COR_MOCK_REAL_(len, void, function_, __VA_ARGS__); \
	COR_MOCK_STATE_(len, function_, 0, __VA_ARGS__); \
	void __wrap_##function_(COR_LIST_##len##_(COR_MOCK_PARAMETER_, void, __VA_ARGS__)) \
	{ \
		COR_MOCK_ENTER_(len, function_, NULL, __VA_ARGS__); \
		if (cor_turn == COR_MOCK_TO_OTHER) \
			cor_other(COR_LIST_##len##_(COR_MOCK_NAME_, , __VA_ARGS__)); \
		if (cor_turn == COR_MOCK_TO_REAL) \
			__real_##function_(COR_LIST_##len##_(COR_MOCK_NAME_, , __VA_ARGS__)); \
	} \
	_Static_assert(1, "a semicolon follows")

#define COR_MOCK_OWN_(len, result_, function_, ...) \
	typedef result_ function_##_result_; \
	COR_MOCK_STATE_(len, function_, sizeof(result_), __VA_ARGS__); \
	static result_ function_(COR_LIST_##len##_(COR_MOCK_PARAMETER_, void, __VA_ARGS__)) \
	{ \
		result_ cor_result; \
		memset(&cor_result, 0, sizeof cor_result); \
		COR_MOCK_ENTER_(len, function_, &cor_result, __VA_ARGS__); \
		if (cor_turn == COR_MOCK_TO_OTHER) \
			return cor_other(COR_LIST_##len##_(COR_MOCK_NAME_, , __VA_ARGS__)); \
		return cor_result; \
	} \
	_Static_assert(1, "a semicolon follows")

#define COR_MOCK_OWN_VOID_(len, result_, function_, ...) \
	COR_MOCK_STATE_(len, function_, 0, __VA_ARGS__); \
	static void function_(COR_LIST_##len##_(COR_MOCK_PARAMETER_, void, __VA_ARGS__)) \
	{ \
		COR_MOCK_ENTER_(len, function_, NULL, __VA_ARGS__); \
		if (cor_turn == COR_MOCK_TO_OTHER) \
			cor_other(COR_LIST_##len##_(COR_MOCK_NAME_, , __VA_ARGS__)); \
	} \
	_Static_assert(1, "a semicolon follows")

/* clang-format on */

/* --- what the macros are made of --- */

enum cor_mock_kind {
	COR_MOCK_BYTES = 0, /* pointers and structs: compared byte by byte */
	COR_MOCK_BOOL,
	COR_MOCK_CHAR,
	COR_MOCK_SIGNED,
	COR_MOCK_UNSIGNED,
	COR_MOCK_FLOAT,
	COR_MOCK_DOUBLE,
	COR_MOCK_TEXT,
	COR_MOCK_STR,
};

/** An argument: where it stands in a call, and in what is wanted of one. The last has no name. */
struct cor_mock_argument {
	const char *name;
	enum cor_mock_kind kind;
	size_t at;
	size_t bytes;
	size_t wanted_at;
	size_t is_wanted_at;
};

/** Who answers a call. */
enum cor_mock_turn {
	COR_MOCK_TO_REAL,
	COR_MOCK_TO_OTHER,
	COR_MOCK_TO_RESULT,
};

struct cor_mock_record;

/** The state of a mock. Its members are the library's. */
struct cor_mock {
	const char *name;
	const char *file; /* where it stands */
	int line;
	const struct cor_mock_argument *(*arguments)(void);
	size_t call_bytes;
	size_t result_bytes;
	struct cor_test *test; /* that uses it; NULL: none does */
	enum cor_mock_turn turn;
	void (*other)(void);
	char *results;
	size_t results_len;
	size_t results_at;
	bool is_constant;
	struct cor_mock_record *records;
	size_t len;
	size_t room;
};

/** A call that is wanted. */
struct cor_mock_wanted {
	struct cor_mock *mock;
	const void *arguments;
};

enum cor_mock_which {
	COR_MOCK_LAST,
	COR_MOCK_ONLY,
	COR_MOCK_ANY,
};

COR_API enum cor_mock_turn cor_mock_enter(struct cor_mock *mock, const void *call, void *result);
COR_API void cor_mock_queue(
	struct cor_test *t, struct cor_mock *mock, const void *results, size_t len);
COR_API void cor_mock_constant(struct cor_test *t, struct cor_mock *mock, const void *result);
COR_API void cor_mock_call_other(struct cor_test *t, struct cor_mock *mock, void (*other)(void));
COR_API void cor_mock_watch(struct cor_test *t, struct cor_mock *mock);
COR_API void cor_mock_forget_calls(struct cor_test *t, struct cor_mock *mock);
COR_API void cor_mock_release(struct cor_test *t, struct cor_mock *mock);
COR_API size_t cor_mock_calls(const struct cor_mock *mock);
COR_API const void *cor_mock_arguments(const struct cor_mock *mock, size_t at);
COR_API bool cor_mock_expect_count(struct cor_test *t, const struct cor_test_place *place,
	struct cor_mock *mock, size_t min, size_t max);
COR_API bool cor_mock_expect_call(struct cor_test *t, const struct cor_test_place *place,
	enum cor_mock_which which, const struct cor_mock_wanted *wanted);
COR_API bool cor_mock_expect_calls(struct cor_test *t, const struct cor_test_place *place,
	const struct cor_mock_wanted *wanted, size_t len, bool in_any_order);

COR_END_DECLS
#endif
