/* SPDX-License-Identifier: MIT */
#include "http/set_cookie.h"

#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#include "base/trim.h"
#include "http/cookie_date.h"

static bool is_name(struct cor_str text, const char *name)
{
	return text.len == strlen(name) && strncasecmp(text.data, name, text.len) == 0;
}

static bool has_control(struct cor_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
			return true;
	}
	return false;
}

/* What stands before the ';', as a name and a value; *rest is what stands behind. */
static bool take_pair(struct cor_str *rest, struct cor_str *ret_name, struct cor_str *ret_value)
{
	const char *end = rest->len ? memchr(rest->data, ';', rest->len) : NULL;
	struct cor_str pair = { rest->data, end ? (size_t)(end - rest->data) : rest->len };
	const char *equals = pair.len ? memchr(pair.data, '=', pair.len) : NULL;
	size_t name_len = equals ? (size_t)(equals - pair.data) : pair.len;

	*rest = end ? (struct cor_str){ end + 1, rest->len - pair.len - 1 }
		    : (struct cor_str){ rest->data + rest->len, 0 };
	*ret_name = cor_trim((struct cor_str){ pair.data, name_len });
	*ret_value = equals ? cor_trim((struct cor_str){ equals + 1, pair.len - name_len - 1 })
			    : (struct cor_str){ pair.data + pair.len, 0 };
	return equals != NULL;
}

/* --- when it ends --- */

struct ending {
	bool has_age, has_date;
	int64_t age_s; /* from now */
	int64_t date_s;
};

static void take_age(struct ending *ending, struct cor_str text)
{
	bool is_negative = text.len != 0 && *text.data == '-';
	int64_t age_s = 0;

	if (text.len == is_negative)
		return;
	for (size_t i = is_negative; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return;
		if (age_s < COR_COOKIE_AGE_MAX_S)
			age_s = age_s * 10 + (text.data[i] - '0');
	}
	ending->has_age = true;
	ending->age_s = is_negative ? 0 : age_s;
}

static void end(const struct ending *ending, int64_t now_s, struct cor_set_cookie *ret)
{
	int64_t last_s = now_s + COR_COOKIE_AGE_MAX_S;

	ret->is_persistent = ending->has_age || ending->has_date;
	ret->expires_s = ending->has_age ? now_s + ending->age_s : ending->date_s;
	if (ret->expires_s > last_s)
		ret->expires_s = last_s;
}

/* --- the whole --- */

static void take_attribute(struct cor_set_cookie *ret, struct ending *ending, struct cor_str name,
	struct cor_str value)
{
	if (value.len > COR_COOKIE_ATTRIBUTE_BYTES)
		return;
	if (is_name(name, "expires")) {
		if (cor_cookie_date_parse(value, &ending->date_s) == 0)
			ending->has_date = true;
	} else if (is_name(name, "max-age")) {
		take_age(ending, value);
	} else if (is_name(name, "domain")) {
		bool has_dot = value.len != 0 && *value.data == '.';
		ret->domain = (struct cor_str){ value.data + has_dot, value.len - has_dot };
	} else if (is_name(name, "path")) {
		bool is_path = value.len != 0 && *value.data == '/';
		ret->path = (struct cor_str){ value.data, is_path ? value.len : 0 };
	} else if (is_name(name, "secure")) {
		ret->is_secure = true;
	}
}

int cor_set_cookie_parse(struct cor_str text, int64_t now_s, struct cor_set_cookie *ret)
{
	struct ending ending = { 0 };
	struct cor_str name, value;

	*ret = (struct cor_set_cookie){ 0 };
	if (has_control(text))
		return -COR_ESYNTAX;
	if (!take_pair(&text, &ret->name, &ret->value)) { /* a value alone has no name */
		ret->value = ret->name;
		ret->name.len = 0;
	}
	if (ret->name.len + ret->value.len == 0 ||
		ret->name.len + ret->value.len > COR_COOKIE_BYTES)
		return -COR_ESYNTAX;
	while (text.len != 0) {
		(void)take_pair(&text, &name, &value);
		take_attribute(ret, &ending, name, value);
	}
	end(&ending, now_s, ret);
	return 0;
}
