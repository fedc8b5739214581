/* SPDX-License-Identifier: MIT */
/* By the algorithms of RFC 8288, appendices B.2 and B.3. */
#include <coracle/http_link.h>

#include <strings.h>

#include "http/parameter.h"

static bool is_word(struct cor_str text, const char *word)
{
	return text.len == strlen(word) && strncasecmp(text.data, word, text.len) == 0;
}

static struct cor_str take(struct cor_str *rest, size_t len)
{
	struct cor_str taken = { rest->data, len };

	*rest = (struct cor_str){ rest->data + len, rest->len - len };
	return taken;
}

static struct cor_str take_until(struct cor_str *rest, const char *ends)
{
	size_t len = 0;

	while (len < rest->len && !strchr(ends, rest->data[len]))
		len++;
	return take(rest, len);
}

/* Behind its '"'; one that does not end goes on to the end of the field. */
static struct cor_str take_quoted(struct cor_str *rest)
{
	size_t len = 0;

	while (len < rest->len && rest->data[len] != '"')
		len += rest->data[len] == '\\' && len + 1 < rest->len ? 2 : 1;
	struct cor_str text = take(rest, len);
	cor_take_byte(rest, '"');
	return text;
}

static struct cor_str take_value(struct cor_str *rest)
{
	cor_take_blanks(rest);
	if (!cor_take_byte(rest, '='))
		return (struct cor_str){ rest->data, 0 };
	cor_take_blanks(rest);
	if (cor_take_byte(rest, '"'))
		return take_quoted(rest);
	struct cor_str value = take_until(rest, ";,");
	while (value.len && (value.data[value.len - 1] == ' ' || value.data[value.len - 1] == '\t'))
		value.len--;
	return value;
}

/* False: the next byte begins no parameter. */
static bool take_parameter(
	struct cor_str *rest, struct cor_str *ret_name, struct cor_str *ret_value)
{
	cor_take_blanks(rest);
	if (!cor_take_byte(rest, ';'))
		return false;
	cor_take_blanks(rest);
	*ret_name = take_until(rest, " \t=;,");
	*ret_value = take_value(rest);
	return true;
}

bool cor_http_link_next(struct cor_str *rest, struct cor_http_link *ret)
{
	struct cor_str name, value;

	do
		cor_take_blanks(rest);
	while (cor_take_byte(rest, ','));
	if (!cor_take_byte(rest, '<'))
		return false;
	struct cor_str target = take_until(rest, ">");
	if (!cor_take_byte(rest, '>'))
		return false;
	const char *begin = rest->data;
	while (take_parameter(rest, &name, &value))
		continue;
	*ret = (struct cor_http_link){ target, { begin, (size_t)(rest->data - begin) } };
	return true;
}

struct cor_str cor_http_link_parameter(const struct cor_http_link *link, const char *name)
{
	struct cor_str rest = link->parameters, found, value;

	while (take_parameter(&rest, &found, &value))
		if (is_word(found, name))
			return value;
	return (struct cor_str){ NULL, 0 };
}

bool cor_http_link_is(const struct cor_http_link *link, const char *relation)
{
	struct cor_str relations = cor_http_link_parameter(link, "rel");

	if (cor_http_link_parameter(link, "anchor").data)
		return false;
	while (relations.len) {
		if (is_word(take_until(&relations, " \t"), relation))
			return true;
		take(&relations, relations.len ? 1 : 0);
	}
	return false;
}
