/* SPDX-License-Identifier: MIT */
#include "multipart/disposition.h"

#include <string.h>

#include <coracle/error.h>

#include "base/utf8.h"
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

static int take_parameter(struct cor_str *rest, struct parameter *name, struct parameter *file_name,
	const char **ret_fault)
{
	struct cor_str key, value;
	bool is_quoted;

	if (!cor_take_token(rest, &key) || !cor_take_byte(rest, '='))
		return fail(ret_fault, "a part's Content-Disposition is not well-formed");
	if (key.data[key.len - 1] == '*')
		return fail(ret_fault,
			"a part has filename* or another parameter with a *, which forms must not have (RFC 7578 section 4.2): send filename, in UTF-8");
	int rc = take_value(rest, &value, &is_quoted, ret_fault);
	if (rc == 0 && cor_fold_equal(key, COR_STR("name")))
		rc = keep(name, value, is_quoted, ret_fault);
	else if (rc == 0 && cor_fold_equal(key, COR_STR("filename")))
		rc = keep(file_name, value, is_quoted, ret_fault);
	return rc;
}

int cor_disposition_parse(struct cor_str value, struct cor_disposition *ret, const char **ret_fault)
{
	struct parameter name = { 0 }, file_name = { 0 };
	struct cor_str type, rest = value;
	int rc = 0;

	if (!cor_utf8_valid(value))
		return fail(ret_fault, "a name in a part's Content-Disposition is not UTF-8");
	if (!cor_take_token(&rest, &type) || !cor_fold_equal(type, COR_STR("form-data")))
		return fail(ret_fault, "a part's Content-Disposition is not form-data");
	for (cor_take_blanks(&rest); rc == 0 && cor_take_byte(&rest, ';'); cor_take_blanks(&rest)) {
		cor_take_blanks(&rest);
		if (rest.len > 0 && rest.data[0] != ';')
			rc = take_parameter(&rest, &name, &file_name, ret_fault);
	}
	if (rc == 0 && rest.len > 0)
		rc = fail(ret_fault, "a part's Content-Disposition is not well-formed");
	if (rc == 0 && !name.is_there)
		rc = fail(ret_fault, "a part's Content-Disposition has no name");
	if (rc < 0)
		return rc;
	*ret = (struct cor_disposition){ text_of(&name),
		file_name.is_there ? text_of(&file_name) : NULL };
	return 0;
}
