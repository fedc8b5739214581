/* SPDX-License-Identifier: MIT */
#include "base/violation_texts.h"

#include <string.h>

const char *const cor_violation_texts[] = {
	COR_SAYS_TYPE,
	COR_SAYS_TYPE_OR_NULL,
	COR_SAYS_FORM,
	COR_SAYS_INTEGER,
	COR_SAYS_BOOLEAN,
	COR_SAYS_NAMES,
	COR_SAYS_NAMES_NEAR,
	COR_SAYS_CONSTANT,
	COR_SAYS_NO_TEXT,
	COR_SAYS_FILE,
	COR_SAYS_MEDIA_TYPE,
	COR_SAYS_UTF8,
	COR_SAYS_NUL,
	COR_SAYS_INVALID,
	COR_SAYS_MIN,
	COR_SAYS_MAX,
	COR_SAYS_ABOVE,
	COR_SAYS_BELOW,
	COR_SAYS_MULTIPLE,
	COR_SAYS_MIN_LENGTH,
	COR_SAYS_MAX_LENGTH,
	COR_SAYS_MAX_UTF8,
	COR_SAYS_MIN_BYTES,
	COR_SAYS_MAX_BYTES,
	COR_SAYS_MIN_ITEMS,
	COR_SAYS_MAX_ITEMS,
	COR_SAYS_MIN_MEMBERS,
	COR_SAYS_MAX_MEMBERS,
	COR_SAYS_DIGITS,
	COR_SAYS_MIN_CONTAINS,
	COR_SAYS_MAX_CONTAINS,
	COR_SAYS_UNIQUE,
	COR_SAYS_REPEATS,
	COR_SAYS_PATTERN,
	COR_SAYS_PATTERN_WORK,
	COR_SAYS_KEY_NUL,
	COR_SAYS_KEY_LENGTH,
	COR_SAYS_KEY_PATTERN,
	COR_SAYS_KEY_WORK,
	COR_SAYS_UUID,
	COR_SAYS_DATE,
	COR_SAYS_NO_DAY,
	COR_SAYS_TIME,
	COR_SAYS_NO_TIME,
	COR_SAYS_DATE_TIME,
	COR_SAYS_NO_DATE_TIME,
	COR_SAYS_BLANK_OFFSET,
	COR_SAYS_HTTP_DATE,
	COR_SAYS_DURATION,
	COR_SAYS_LONG_DURATION,
	COR_SAYS_IP,
	COR_SAYS_NETWORK,
	COR_SAYS_NETWORK_BITS,
	COR_SAYS_DECIMAL,
	COR_SAYS_BASE64,
	COR_SAYS_REQUIRED,
	COR_SAYS_REQUIRED_NAME,
	COR_SAYS_BODY,
	COR_SAYS_TWICE,
	COR_SAYS_UNKNOWN,
	COR_SAYS_UNKNOWN_NEAR,
	COR_SAYS_READ_ONLY,
	COR_SAYS_WRITE_ONLY,
	COR_SAYS_PLACE,
	COR_SAYS_JSON,
	COR_SAYS_DEPTH,
	COR_SAYS_TOO_DEEP,
	COR_SAYS_BINARY,
	COR_SAYS_MALFORMED,
	COR_SAYS_BREAKS_RULE,
	COR_SAYS_BREAKS_RULES,
};
const size_t cor_violation_texts_len = sizeof cor_violation_texts / sizeof cor_violation_texts[0];

struct cor_str cor_said_code(const char *said, const char **ret_text)
{
	const char *text = said[0] == COR_MARK_CODE ? strchr(said, COR_MARK_TEXT) : NULL;

	*ret_text = text ? text + 1 : said;
	return text ? (struct cor_str){ said + 1, (size_t)(text - said - 1) }
		    : (struct cor_str){ "", 0 };
}

struct cor_str cor_said_param(const char *text, struct cor_str name)
{
	const char *at = text;

	while ((at = strchr(at, COR_MARK_NAME))) {
		const char *value = strchr(++at, COR_MARK_VALUE);
		const char *end = value ? strchr(value, COR_MARK_END) : NULL;
		if (!end)
			break;
		if (cor_str_equal((struct cor_str){ at, (size_t)(value - at) }, name))
			return (struct cor_str){ value + 1, (size_t)(end - value - 1) };
		at = end;
	}
	return (struct cor_str){ 0 };
}

/* A mark in a value was the client's: it is dropped as well. */
size_t cor_said_plainly(const char *said, char *plain)
{
	const char *at;
	bool is_name = false;
	size_t len = 0;

	(void)cor_said_code(said, &at);
	for (; *at; at++) {
		if (*at == COR_MARK_NAME)
			is_name = true;
		else if (*at == COR_MARK_VALUE)
			is_name = false;
		else if (!is_name && *at != COR_MARK_END)
			plain[len++] = *at;
	}
	plain[len] = '\0';
	return len;
}

struct cor_str cor_violation_param(const struct cor_violation *violation, const char *name)
{
	if (!violation->said)
		return (struct cor_str){ 0 };
	return cor_said_param(violation->said, cor_str(name));
}

static void keep(struct cor_violations *violations, struct cor_violation *violation)
{
	if (violations->last)
		violations->last->next = violation;
	else
		violations->first = violation;
	violations->last = violation;
}

/* The code with its NUL, then the text with its marks: one piece. */
static const char *copy_said(struct cor_arena *arena, const char *said, struct cor_violation *ret)
{
	struct cor_str code = cor_said_code(said, &ret->said);

	if (code.len == 0) {
		ret->said = NULL;
		return said;
	}
	char *copy = cor_arena_copy(arena, said + 1, strlen(said) - 1);
	if (!copy)
		return NULL;
	copy[code.len] = '\0';
	ret->code = copy;
	ret->said = copy + code.len + 1;
	return copy;
}

void cor_violate_saying(struct cor_violations *violations, struct cor_arena *arena, const char *in,
	struct cor_str where, const char *said)
{
	if (violations->count++ >= COR_VIOLATIONS_MAX)
		return;
	struct cor_violation *violation = cor_arena_zalloc(arena, sizeof *violation);
	char *detail = cor_arena_alloc(arena, strlen(said) + 1);
	if (!violation || !detail || !copy_said(arena, said, violation))
		return;
	cor_said_plainly(said, detail);
	violation->in = in;
	violation->where = cor_arena_copy(arena, where.data, where.len);
	violation->detail = detail;
	if (violation->where)
		keep(violations, violation);
}
