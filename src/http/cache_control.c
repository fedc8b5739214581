/* SPDX-License-Identifier: MIT */
#include "http/cache_control.h"

#include <string.h>
#include <strings.h>

#include "http/parameter.h"

/* One directive: "name", "name=token" or name="quoted". */
struct directive {
	struct cor_str name;
	struct cor_str value; /* data NULL: it has none */
};

int64_t cor_delta_seconds(struct cor_str text)
{
	int64_t s = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return -1;
		if (s < COR_SECONDS_MAX)
			s = s * 10 + (text.data[i] - '0');
	}
	return text.len == 0 ? -1 : s < COR_SECONDS_MAX ? s : COR_SECONDS_MAX;
}

/* --- reading --- */

static void skip_commas(struct cor_str *rest)
{
	do
		cor_take_blanks(rest);
	while (cor_take_byte(rest, ','));
}

/* Whatever stands there up to the next one. */
static void skip_broken(struct cor_str *rest)
{
	const char *comma = memchr(rest->data, ',', rest->len);
	size_t len = comma ? (size_t)(comma - rest->data) : rest->len;

	*rest = (struct cor_str){ rest->data + len, rest->len - len };
}

/* False: it is none. What was read of it is in *ret all the same. */
static bool take_directive(struct cor_str *rest, struct directive *ret)
{
	*ret = (struct directive){ { "", 0 }, { NULL, 0 } };
	if (!cor_take_token(rest, &ret->name))
		return false;
	if (cor_take_byte(rest, '=') && !cor_take_value(rest, &ret->value)) {
		ret->value = COR_STR("");
		return false;
	}
	cor_take_blanks(rest);
	return rest->len == 0 || rest->data[0] == ',';
}

/* --- what it says --- */

static void take_least(int64_t *seconds, struct cor_str value)
{
	int64_t said = cor_delta_seconds(value);

	said = said < 0 ? 0 : said;
	*seconds = *seconds < 0 || said < *seconds ? said : *seconds;
}

static void take_min_fresh(struct cor_cache_control *control, struct cor_str value)
{
	int64_t said = cor_delta_seconds(value);

	said = said < 0 ? COR_SECONDS_MAX : said;
	control->min_fresh_s = said > control->min_fresh_s ? said : control->min_fresh_s;
}

static void take_max_stale(struct cor_cache_control *control, struct cor_str value)
{
	if (value.data)
		take_least(&control->max_stale_s, value);
	else if (control->max_stale_s < 0)
		control->max_stale_s = COR_SECONDS_MAX;
}

static void take_no_cache(struct cor_cache_control *control, struct cor_str value)
{
	if (value.len == 0 || control->unchecked.len) /* two lists: all of it */
		control->no_cache = true;
	else
		control->unchecked = value;
}

static bool is(const struct directive *it, const char *name)
{
	return strlen(name) == it->name.len && strncasecmp(name, it->name.data, it->name.len) == 0;
}

static bool take_flag(struct cor_cache_control *control, const struct directive *it)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{ "no-store", &control->no_store },
		{ "must-revalidate", &control->must_revalidate },
		{ "must-understand", &control->must_understand },
		{ "public", &control->is_public },
		{ "private", &control->is_private },
		{ "immutable", &control->is_immutable },
		{ "only-if-cached", &control->only_if_cached },
	};

	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (is(it, flags[i].name)) {
			*flags[i].flag = true;
			return true;
		}
	return false;
}

static void take(struct cor_cache_control *control, const struct directive *it)
{
	if (take_flag(control, it))
		return;
	if (is(it, "max-age"))
		take_least(&control->max_age_s, it->value);
	else if (is(it, "no-cache"))
		take_no_cache(control, it->value);
	else if (is(it, "min-fresh"))
		take_min_fresh(control, it->value);
	else if (is(it, "max-stale"))
		take_max_stale(control, it->value);
	else if (is(it, "stale-while-revalidate"))
		take_least(&control->stale_while_revalidate_s, it->value);
	else if (is(it, "stale-if-error"))
		take_least(&control->stale_if_error_s, it->value);
}

void cor_cache_control_begin(struct cor_cache_control *ret)
{
	*ret = (struct cor_cache_control){ .max_age_s = -1,
		.max_stale_s = -1,
		.stale_while_revalidate_s = -1,
		.stale_if_error_s = -1 };
}

void cor_cache_control_add(struct cor_cache_control *control, struct cor_str value)
{
	struct directive directive;

	control->is_said = true;
	for (skip_commas(&value); value.len; skip_commas(&value)) {
		bool is_whole = take_directive(&value, &directive);
		take(control, &directive);
		if (!is_whole)
			skip_broken(&value);
		control->is_broken = control->is_broken || !is_whole;
	}
}
