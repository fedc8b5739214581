/* SPDX-License-Identifier: MIT */
#include "multipart/disposition.h"

#include <string.h>

#include <coracle/error.h>

#include "base/utf8.h"
#include "http/chars.h"
#include "http/fold.h"
#include "http/parameter.h"

static int fail(const char **ret_fault, const char *fault)
{
	*ret_fault = fault;
	return -COR_ESYNTAX;
}

/* Whether a quote, which stands first, has none behind it: then it ends the value. */
static bool is_last_quote(struct cor_str rest)
{
	return !memchr(rest.data + 1, '"', rest.len - 1);
}

/* Whether two bytes are one: a backslash, and what it takes the meaning from. */
static bool is_pair(struct cor_str rest)
{
	if (rest.len < 2 || rest.data[0] != '\\')
		return false;
	return rest.data[1] == '\\' ||
	       (rest.data[1] == '"' &&
		       !is_last_quote((struct cor_str){ rest.data + 1, rest.len - 1 }));
}

/* How far the quoted string goes, its quotes included; 0: it has no end. */
static size_t quoted_len(struct cor_str text)
{
	for (size_t i = 1; i < text.len; i++) {
		if (is_pair((struct cor_str){ text.data + i, text.len - i }))
			i++;
		else if (text.data[i] == '"')
			return i + 1;
	}
	return 0;
}

/* What an escape stands for, and how long it is; NUL: there is none. */
static char escaped(struct cor_str rest, size_t *ret_len)
{
	static const struct {
		char text[4];
		char meaning;
	} escapes[] = {
		{ "%22", '"' },
		{ "%0D", '\r' },
		{ "%0d", '\r' },
		{ "%0A", '\n' },
		{ "%0a", '\n' },
		{ "\\\\", '\\' },
		{ "\\\"", '"' },
	};

	for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++) {
		size_t len = strlen(escapes[i].text);
		if (rest.len >= len && memcmp(rest.data, escapes[i].text, len) == 0) {
			*ret_len = len;
			return escapes[i].meaning;
		}
	}
	return '\0';
}

/* In place: it only gets shorter. */
static const char *unescape(struct cor_str inside)
{
	char *text = (char *)(uintptr_t)inside.data, *out = text;

	for (size_t i = 0, len = 1; i < inside.len; i += len) {
		struct cor_str rest = { inside.data + i, inside.len - i };
		len = 1;
		char meaning = escaped(rest, &len);
		*out++ = meaning ? meaning : rest.data[0];
	}
	*out = '\0';
	return text;
}

static struct cor_str take(struct cor_str *rest, size_t len)
{
	struct cor_str taken = { rest->data, len };

	rest->data += len;
	rest->len -= len;
	return taken;
}

/* A value as it stands: unescaped once it is known what comes behind it. */
static int take_value(
	struct cor_str *rest, struct cor_str *ret, bool *ret_quoted, const char **ret_fault)
{
	*ret_quoted = rest->len > 0 && rest->data[0] == '"';
	if (!*ret_quoted)
		return cor_take_token(rest, ret)
			       ? 0
			       : fail(ret_fault,
					 "a part's Content-Disposition has no value behind a =");
	size_t len = quoted_len(*rest);
	if (len == 0)
		return fail(
			ret_fault, "a part's Content-Disposition has a quote that does not end");
	struct cor_str whole = take(rest, len);
	*ret = (struct cor_str){ whole.data + 1, whole.len - 2 };
	return 0;
}

/* A parameter that is looked at once only. */
struct parameter {
	struct cor_str value;
	bool is_quoted;
	bool is_there;
};

struct parameters {
	struct parameter name;
	struct parameter file_name;
	struct parameter extended; /* filename* */
};

static int keep(
	struct parameter *parameter, struct cor_str value, bool is_quoted, const char **ret_fault)
{
	if (parameter->is_there)
		return fail(ret_fault, "a part's Content-Disposition has a parameter twice");
	*parameter = (struct parameter){ value, is_quoted, true };
	return 0;
}

static const char *text_of(const struct parameter *parameter)
{
	char *text = (char *)(uintptr_t)parameter->value.data;

	if (parameter->is_quoted)
		return unescape(parameter->value);
	text[parameter->value.len] = '\0'; /* a blank, a semicolon or the end */
	return text;
}

/* What %XX stands for, at the front; -1: it is none, or %00. */
static int take_byte(struct cor_str *text)
{
	const char *at = take(text, 1).data;

	if (*at != '%')
		return (unsigned char)*at;
	if (text->len < 2 || !cor_char_is(at[1], COR_CHAR_HEX) || !cor_char_is(at[2], COR_CHAR_HEX))
		return -1;
	take(text, 2);
	int byte = (int)(cor_hex_value(at[1]) * 16 + cor_hex_value(at[2]));
	return byte ? byte : -1;
}

/* In place: it only gets shorter. NULL: it is broken, or not UTF-8. */
static const char *decode(struct cor_str text)
{
	char *begin = (char *)(uintptr_t)text.data, *out = begin;

	while (text.len > 0) {
		int byte = take_byte(&text);
		if (byte < 0)
			return NULL;
		*out++ = (char)byte;
	}
	*out = '\0';
	return cor_utf8_valid((struct cor_str){ begin, (size_t)(out - begin) }) ? begin : NULL;
}

/*
 * What .NET and others send for the sake of servers that take no UTF-8 (RFC 8187 section 3.2.1):
 * charset, language and text, with quotes between them.
 */
static const char *decode_extended(const struct parameter *parameter)
{
	struct cor_str value = parameter->value;
	const char *first = memchr(value.data, '\'', value.len);
	size_t charset_len = first ? (size_t)(first - value.data) : 0;
	struct cor_str charset = take(&value, charset_len);

	if (!first || parameter->is_quoted || !cor_fold_equal(charset, COR_STR("utf-8")))
		return NULL;
	take(&value, 1);
	const char *second = memchr(value.data, '\'', value.len);
	if (!second)
		return NULL;
	take(&value, (size_t)(second - value.data) + 1);
	return decode(value);
}

/* What they say is better than what they say beside it (RFC 6266 section 4.3). */
static int name_file(const struct parameters *parameters, const char **ret, const char **ret_fault)
{
	if (parameters->file_name.is_there)
		*ret = text_of(&parameters->file_name);
	if (parameters->extended.is_there) {
		*ret = decode_extended(&parameters->extended);
		if (!*ret)
			return fail(ret_fault,
				"a part's filename* is not UTF-8''text (RFC 8187 section 3.2.1): send filename, in UTF-8");
	}
	return 0;
}

static int take_parameter(
	struct cor_str *rest, struct parameters *parameters, const char **ret_fault)
{
	struct parameter other = { 0 }, *parameter = &other;
	struct cor_str key, value;
	bool is_quoted;

	if (!cor_take_token(rest, &key) || !cor_take_byte(rest, '='))
		return fail(ret_fault, "a part's Content-Disposition is not well-formed");
	int rc = take_value(rest, &value, &is_quoted, ret_fault);
	if (rc < 0)
		return rc;
	if (cor_fold_equal(key, COR_STR("name")))
		parameter = &parameters->name;
	else if (cor_fold_equal(key, COR_STR("filename")))
		parameter = &parameters->file_name;
	else if (cor_fold_equal(key, COR_STR("filename*")))
		parameter = &parameters->extended;
	else if (key.data[key.len - 1] == '*')
		return fail(ret_fault,
			"a part has name* or another parameter with a *, which forms must not have (RFC 7578 section 4.2): send it in UTF-8, without the *");
	return keep(parameter, value, is_quoted, ret_fault);
}

int cor_disposition_parse(struct cor_str value, struct cor_disposition *ret, const char **ret_fault)
{
	struct parameters parameters = { 0 };
	struct cor_disposition found = { 0 };
	struct cor_str type, rest = value;
	int rc = 0;

	if (!cor_utf8_valid(value))
		return fail(ret_fault, "a name in a part's Content-Disposition is not UTF-8");
	if (!cor_take_token(&rest, &type) || !cor_fold_equal(type, COR_STR("form-data")))
		return fail(ret_fault, "a part's Content-Disposition is not form-data");
	for (cor_take_blanks(&rest); rc == 0 && cor_take_byte(&rest, ';'); cor_take_blanks(&rest)) {
		cor_take_blanks(&rest);
		if (rest.len > 0 && rest.data[0] != ';')
			rc = take_parameter(&rest, &parameters, ret_fault);
	}
	if (rc == 0 && rest.len > 0)
		rc = fail(ret_fault, "a part's Content-Disposition is not well-formed");
	if (rc == 0 && !parameters.name.is_there)
		rc = fail(ret_fault, "a part's Content-Disposition has no name");
	if (rc == 0)
		rc = name_file(&parameters, &found.file_name, ret_fault);
	if (rc < 0)
		return rc;
	found.name = text_of(&parameters.name);
	*ret = found;
	return 0;
}
