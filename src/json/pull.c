/* SPDX-License-Identifier: MIT */
/*
 * The reader of reader.h for callers who may err: it knows what it is inside of and whether a value
 * stands next, and keeps the first error.
 */
#include <coracle/json_pull.h>

#include <math.h>
#include <string.h>

#include "json/exact.h"
#include "json/reader.h"

struct cor_json_pull {
	struct cor_json_reader reader;
	struct cor_str text;
	const char *expected; /* what was asked for when the error came; NULL: any JSON */
	int error;
	bool stands;                               /* a value stands next, and is not read yet */
	uint64_t objects[COR_JSON_DEPTH_CAP / 64]; /* a bit for each open container */
};

struct cor_json_pull *cor_pull_begin(
	struct cor_arena *arena, struct cor_str text, unsigned depth_max)
{
	struct cor_json_pull *pull = cor_arena_alloc(arena, sizeof *pull);

	if (!pull)
		return NULL;
	cor_json_reader_init(&pull->reader, text, arena, depth_max);
	pull->text = text;
	pull->expected = NULL;
	pull->error = 0;
	pull->stands = true;
	memset(pull->objects, 0, sizeof pull->objects);
	return pull;
}

static int fail(struct cor_json_pull *pull, int error, const char *expected)
{
	pull->error = error;
	pull->expected = expected;
	return error;
}

/* The innermost container is an object. There is one. */
static bool in_object(const struct cor_json_pull *pull)
{
	uint32_t top = pull->reader.depth - 1;

	return pull->objects[top / 64] >> (top % 64) & 1;
}

/* The value that stood next is read, or could not be. */
static int done(struct cor_json_pull *pull, int rc, const char *expected)
{
	if (rc < 0)
		return fail(pull, rc, expected);
	pull->stands = false;
	return 0;
}

static int ready(struct cor_json_pull *pull)
{
	if (!pull)
		return -ENOMEM;
	if (pull->error < 0)
		return pull->error;
	if (pull->stands)
		return 0;
	return fail(pull, -EINVAL,
		"no value stands here: cor_pull_item() or cor_pull_member() come first");
}

/* That a value of this type stands next. */
static int want(struct cor_json_pull *pull, enum cor_json_type type, const char *expected)
{
	int rc = ready(pull);

	if (rc < 0)
		return rc;
	enum cor_json_type there = cor_json_peek(&pull->reader);
	if (there == type)
		return 0;
	bool is_value = there != COR_JSON_END && there != COR_JSON_WRONG;
	return fail(pull, is_value ? -COR_EINVALID : -COR_ESYNTAX, expected);
}

enum cor_json_type cor_pull_peek(struct cor_json_pull *pull)
{
	if (!pull || pull->error < 0)
		return COR_JSON_WRONG;
	return pull->stands ? cor_json_peek(&pull->reader) : COR_JSON_END;
}

int cor_pull_object(struct cor_json_pull *pull)
{
	static const char expected[] = "an object is expected";
	int rc = want(pull, COR_JSON_OBJECT, expected);

	if (rc < 0)
		return rc;
	uint32_t depth = pull->reader.depth;
	rc = done(pull, cor_json_enter_object(&pull->reader), expected);
	if (rc == 0)
		pull->objects[depth / 64] |= UINT64_C(1) << (depth % 64);
	return rc;
}

int cor_pull_array(struct cor_json_pull *pull)
{
	static const char expected[] = "an array is expected";
	int rc = want(pull, COR_JSON_ARRAY, expected);

	if (rc < 0)
		return rc;
	uint32_t depth = pull->reader.depth;
	rc = done(pull, cor_json_enter_array(&pull->reader), expected);
	if (rc == 0)
		pull->objects[depth / 64] &= ~(UINT64_C(1) << (depth % 64));
	return rc;
}

/* Before the next member or item: that this is an object or array, and what stands is skipped. */
static int go_on(struct cor_json_pull *pull, bool object)
{
	if (!pull)
		return -ENOMEM;
	if (pull->error < 0)
		return pull->error;
	if (pull->reader.depth == 0 || in_object(pull) != object)
		return fail(pull, -EINVAL,
			object ? "cor_pull_member() needs an object that was entered"
			       : "cor_pull_item() needs an array that was entered");
	return pull->stands ? cor_pull_skip(pull) : 0;
}

int cor_pull_member(struct cor_json_pull *pull, struct cor_str *ret_key)
{
	int rc = go_on(pull, true);

	if (rc < 0)
		return rc;
	rc = cor_json_next_member(&pull->reader, ret_key);
	if (rc < 0)
		return fail(pull, rc, "a member or the end of the object is expected");
	pull->stands = rc > 0;
	return rc;
}

int cor_pull_item(struct cor_json_pull *pull)
{
	int rc = go_on(pull, false);

	if (rc < 0)
		return rc;
	rc = cor_json_next_item(&pull->reader);
	if (rc < 0)
		return fail(pull, rc, "an item or the end of the array is expected");
	pull->stands = rc > 0;
	return rc;
}

int cor_pull_leave(struct cor_json_pull *pull)
{
	int rc;

	if (pull && pull->error == 0 && pull->reader.depth == 0)
		return fail(pull, -EINVAL, "cor_pull_leave() needs an array or object");
	do
		rc = pull && pull->error == 0 && in_object(pull) ? cor_pull_member(pull, NULL)
								 : cor_pull_item(pull);
	while (rc > 0);
	return rc;
}

int cor_pull_null(struct cor_json_pull *pull)
{
	static const char expected[] = "null is expected";
	int rc = want(pull, COR_JSON_NULL, expected);

	return rc < 0 ? rc : done(pull, cor_json_read_null(&pull->reader), expected);
}

int cor_pull_bool(struct cor_json_pull *pull, bool *ret)
{
	static const char expected[] = "true or false is expected";
	int rc = want(pull, COR_JSON_BOOL, expected);

	return rc < 0 ? rc : done(pull, cor_json_read_bool(&pull->reader, ret), expected);
}

/* A number; the reader stands before it again if the caller does not like it. */
static int read_number(
	struct cor_json_pull *pull, const char *expected, struct cor_json_number *ret)
{
	int rc = want(pull, COR_JSON_NUMBER, expected);

	return rc < 0 ? rc : done(pull, cor_json_read_number(&pull->reader, ret), expected);
}

static int refuse_number(struct cor_json_pull *pull, const struct cor_json_number *number, int rc,
	const char *expected)
{
	pull->reader.at = number->text.data;
	return fail(pull, rc, expected);
}

int cor_pull_int64(struct cor_json_pull *pull, int64_t *ret)
{
	static const char expected[] = "a whole number of 64 bits with a sign is expected";
	struct cor_json_number number;
	int rc = read_number(pull, expected, &number);

	if (rc < 0)
		return rc;
	if (number.type == COR_JSON_INT64) {
		*ret = number.integer;
		return 0;
	}
	struct cor_json_exact exact = cor_json_exact(number.text);
	rc = cor_json_exact_int64(&exact, ret);
	return rc < 0 ? refuse_number(pull, &number, rc, expected) : 0;
}

int cor_pull_uint64(struct cor_json_pull *pull, uint64_t *ret)
{
	static const char expected[] = "a whole number of 64 bits without a sign is expected";
	struct cor_json_number number;
	int rc = read_number(pull, expected, &number);

	if (rc < 0)
		return rc;
	struct cor_json_exact exact = cor_json_exact(number.text);
	rc = cor_json_exact_uint64(&exact, ret);
	return rc < 0 ? refuse_number(pull, &number, rc, expected) : 0;
}

int cor_pull_double(struct cor_json_pull *pull, double *ret)
{
	static const char expected[] = "a number that fits into a double is expected";
	struct cor_json_number number;
	int rc = read_number(pull, expected, &number);

	if (rc < 0)
		return rc;
	if (isinf(number.real))
		return refuse_number(pull, &number, -ERANGE, expected);
	*ret = number.real;
	return 0;
}

int cor_pull_number(struct cor_json_pull *pull, struct cor_str *ret)
{
	struct cor_json_number number;
	int rc = read_number(pull, "a number is expected", &number);

	if (rc == 0)
		*ret = number.text;
	return rc;
}

int cor_pull_text(struct cor_json_pull *pull, struct cor_str *ret)
{
	static const char expected[] = "a string is expected";
	int rc = want(pull, COR_JSON_STRING, expected);

	return rc < 0 ? rc : done(pull, cor_json_read_string(&pull->reader, ret), expected);
}

int cor_pull_string(struct cor_json_pull *pull, const char **ret)
{
	struct cor_str text;
	int rc = cor_pull_text(pull, &text);

	if (rc < 0)
		return rc;
	if (text.len > 0 && memchr(text.data, '\0', text.len))
		return fail(pull, -COR_EINVALID, "a string without U+0000 is expected");
	const char *copy = cor_arena_copy(pull->reader.arena, text.data, text.len);
	if (!copy)
		return fail(pull, -ENOMEM, NULL);
	*ret = copy;
	return 0;
}

int cor_pull_json(struct cor_json_pull *pull, struct cor_json *ret)
{
	static const char expected[] = "a value is expected";
	struct cor_str raw;
	int rc = ready(pull);

	if (rc < 0)
		return rc;
	rc = done(pull, cor_json_skip(&pull->reader, &raw), expected);
	if (rc == 0 && ret)
		ret->text = raw;
	return rc;
}

int cor_pull_skip(struct cor_json_pull *pull)
{
	return cor_pull_json(pull, NULL);
}

int cor_pull_end(struct cor_json_pull *pull)
{
	int rc = pull && pull->error == 0 && !pull->stands ? 0 : cor_pull_skip(pull);

	if (rc < 0)
		return rc;
	if (pull->reader.depth > 0)
		return fail(pull, -EINVAL, "cor_pull_end() is for when all is read");
	rc = cor_json_finish(&pull->reader);
	return rc < 0 ? fail(pull, rc, "the end of the text is expected") : 0;
}

int cor_pull_error(const struct cor_json_pull *pull)
{
	return pull ? pull->error : -ENOMEM;
}

struct cor_json_place cor_pull_place(const struct cor_json_pull *pull)
{
	if (!pull)
		return (struct cor_json_place){ 0, 1, 1 };
	return cor_json_place(pull->text, cor_json_offset(&pull->reader));
}

const char *cor_pull_complaint(const struct cor_json_pull *pull)
{
	struct cor_json_place place = cor_pull_place(pull);
	int error = cor_pull_error(pull);

	if (error == 0)
		return NULL;
	if (error == -ENOMEM)
		return "no memory is left";
	const char *what = pull->expected;
	if (error == -COR_ETOOLARGE)
		what = "arrays and objects stand inside one another too deeply";
	const char *text = cor_arena_printf(
		pull->reader.arena, "line %zu, column %zu: %s", place.line, place.column, what);
	return text ? text : "no memory is left";
}
