/* SPDX-License-Identifier: MIT */
#include "testing/keyword.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

struct reader {
	const char *at;
	const char *name;
	unsigned depth;
	bool is_wrong;
};

static bool any_of(struct reader *reader);

static void skip_spaces(struct reader *reader)
{
	while (isspace((unsigned char)*reader->at))
		reader->at++;
}

static size_t word_len(const char *at)
{
	size_t len = 0;

	while (at[len] != '\0' && !isspace((unsigned char)at[len]) && at[len] != '(' &&
		at[len] != ')')
		len++;
	return len;
}

static bool is_next(struct reader *reader, const char *word)
{
	skip_spaces(reader);
	return word_len(reader->at) == strlen(word) && strncmp(reader->at, word, strlen(word)) == 0;
}

static bool take(struct reader *reader, const char *word)
{
	bool is_it = is_next(reader, word);

	reader->at += is_it ? strlen(word) : 0;
	return is_it;
}

static bool has(const char *name, const char *word, size_t len)
{
	for (; *name; name++)
		if (strncasecmp(name, word, len) == 0)
			return true;
	return false;
}

static bool fail(struct reader *reader)
{
	reader->is_wrong = true;
	return false;
}

static bool one(struct reader *reader)
{
	if (reader->is_wrong || ++reader->depth > COR_KEYWORD_DEPTH_MAX)
		return fail(reader);
	bool is_selected = false;
	if (take(reader, "not")) {
		is_selected = !one(reader);
	} else if (*reader->at == '(') {
		reader->at++;
		is_selected = any_of(reader);
		skip_spaces(reader);
		if (*reader->at != ')')
			return fail(reader);
		reader->at++;
	} else {
		size_t len = word_len(reader->at);
		if (len == 0 || is_next(reader, "and") || is_next(reader, "or"))
			return fail(reader);
		is_selected = has(reader->name, reader->at, len);
		reader->at += len;
	}
	reader->depth--;
	return is_selected;
}

static bool all_of(struct reader *reader)
{
	bool is_selected = one(reader);

	while (!reader->is_wrong && take(reader, "and"))
		is_selected = one(reader) && is_selected;
	return is_selected;
}

static bool any_of(struct reader *reader)
{
	bool is_selected = all_of(reader);

	while (!reader->is_wrong && take(reader, "or"))
		is_selected = all_of(reader) || is_selected;
	return is_selected;
}

int cor_keyword_selects(const char *expression, const char *name, const char **ret_at)
{
	struct reader reader = { .at = expression, .name = name };
	bool is_selected = any_of(&reader);

	skip_spaces(&reader);
	if (!reader.is_wrong && *reader.at == '\0')
		return is_selected;
	*ret_at = reader.at;
	return -EINVAL;
}
