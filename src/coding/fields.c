/* SPDX-License-Identifier: MIT */
#include "coding/fields.h"

#include <errno.h>
#include <strings.h>

#include "http/chars.h"
#include "http/fold.h"
#include "http/parameter.h"

static bool is_named(const struct cor_reply_field *field, struct cor_str name)
{
	return cor_fold_equal(field->name, name);
}

/* Whether a list has that token, or one that begins so with '='. */
static bool lists(struct cor_str list, struct cor_str token)
{
	struct cor_str item;

	while (list.len != 0) {
		cor_take_blanks(&list);
		if (cor_take_token(&list, &item) && cor_fold_equal(item, token))
			return true;
		while (list.len != 0 && list.data[0] != ',') {
			list.data++;
			list.len--;
		}
		cor_take_byte(&list, ',');
	}
	return false;
}

static bool forbids(const struct cor_reply_field *field)
{
	static const struct cor_str names[] = {
		{ "content-encoding", 16 },
		{ "content-range", 13 },
		{ "content-digest", 14 },
		{ "repr-digest", 11 },
		{ "digest", 6 },
		{ "content-md5", 11 },
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (is_named(field, names[i]))
			return true;
	return is_named(field, COR_STR("cache-control")) &&
	       lists(field->value, COR_STR("no-transform"));
}

bool cor_coding_fields_allow(const struct cor_exchange *x)
{
	for (const struct cor_reply_field *at = x->fields_out; at; at = at->next)
		if (forbids(at))
			return false;
	return true;
}

static struct cor_reply_field *find(const struct cor_exchange *x, struct cor_str name)
{
	struct cor_reply_field *field = x->fields_out;

	while (field && !is_named(field, name))
		field = field->next;
	return field;
}

static int append_to(struct cor_exchange *x, struct cor_reply_field *field)
{
	const char *text = cor_printf(
		&x->ctx, "%.*s, Accept-Encoding", (int)field->value.len, field->value.data);

	if (!text)
		return -ENOMEM;
	field->value = cor_str(text);
	return 0;
}

int cor_coding_fields_vary(struct cor_exchange *x)
{
	struct cor_reply_field *last = NULL;

	for (struct cor_reply_field *at = x->fields_out; at; at = at->next) {
		if (!is_named(at, COR_STR("vary")))
			continue;
		if (lists(at->value, COR_STR("*")) || lists(at->value, COR_STR("accept-encoding")))
			return 0;
		last = at;
	}
	if (last && last->value.len != 0)
		return append_to(x, last);
	return cor_exchange_add_field(x, "Vary", COR_STR("Accept-Encoding"));
}

/* Ranges would be those of the body before it is coded. */
static void drop_ranges(struct cor_exchange *x)
{
	struct cor_reply_field *before = NULL;

	for (struct cor_reply_field *at = x->fields_out; at; at = at->next) {
		if (!is_named(at, COR_STR("accept-ranges"))) {
			before = at;
			continue;
		}
		if (before)
			before->next = at->next;
		else
			x->fields_out = at->next;
		if (x->fields_out_last == at)
			x->fields_out_last = before;
	}
}

int cor_coding_fields_weaken(struct cor_exchange *x)
{
	struct cor_reply_field *field = find(x, COR_STR("etag"));

	drop_ranges(x);
	if (!field || field->value.len == 0 || field->value.data[0] != '"')
		return 0;
	const char *text = cor_printf(&x->ctx, "W/%.*s", (int)field->value.len, field->value.data);
	if (!text)
		return -ENOMEM;
	field->value = cor_str(text);
	return 0;
}

int cor_coding_fields_announce(struct cor_exchange *x, const char *coding)
{
	return cor_exchange_add_field(x, "Content-Encoding", cor_str(coding));
}
