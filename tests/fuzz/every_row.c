/* SPDX-License-Identifier: MIT */
#include "every_row.h"

#include <errno.h>

#include <coracle/error.h>
#include <coracle/schema_custom.h>
#include <coracle/schema_union.h>

static const struct cor_enum_name flower_names[] = { { "rose", ROSE }, { "tulip", TULIP } };

static const struct cor_enum_name right_names[] = {
	{ "read", 1 },
	{ "write", 6 },
	{ "own", 1U << 31 },
};

static const struct cor_field part_fields[] = {
	COR_FIELD(struct part, name, .presence = COR_OPTIONAL),
	COR_OPT_FIELD(struct part, count, .presence = COR_NULLABLE),
	COR_DICT(struct part, names, .presence = COR_OPTIONAL, .key_max_length = 8),
	COR_ARRAY(struct part, flags, .presence = COR_OPTIONAL, .max_items = 3),
};
COR_LOCAL_SCHEMA(part_schema, struct part, part_fields);

static const struct cor_field whole_fields[] = {
	COR_EMBED(struct whole, part, part_schema),
	COR_FIELD(struct whole, before, .fallback = "7"),
};
COR_LOCAL_SCHEMA(whole_schema, struct whole, whole_fields);

static const struct cor_branch choice_branches[] = {
	COR_BRANCH(struct choice, part, part_schema, CHOICE_PART, "part"),
	COR_BRANCH(struct choice, all, all_schema, CHOICE_ALL, "all/of it"),
};
COR_LOCAL_UNION_SCHEMA(choice_schema, struct choice, kind, choice_branches, .discriminator = "is");

static int level_read(struct cor_conversion *conversion, struct cor_str text, struct level *ret)
{
	ret->text = cor_arena_copy(conversion->arena, text.data, text.len);
	if (!ret->text)
		return -ENOMEM;
	return text.len != 0 && text.data[0] == 'z' ? cor_refuse(conversion, "is %s", text.data)
						    : 0;
}
static int level_write(
	struct cor_conversion *conversion, const struct level *level, struct cor_str *ret)
{
	(void)conversion;
	*ret = cor_str(level->text);
	return level->text ? 0 : -EINVAL;
}
COR_LOCAL_TEXT_KIND(level_kind, struct level, level_read, level_write, .max_length = 20);

struct ends {
	cor_array(int32_t) list;
};
static const struct cor_field ends_fields[] = {
	COR_ARRAY(struct ends, list, .bare = true, .max_items = 2),
};
COR_LOCAL_SCHEMA(ends_schema, struct ends, ends_fields);
static int span_load(struct cor_conversion *conversion, const struct ends *ends, struct span *ret)
{
	if (ends->list.len != 2)
		return cor_refuse_at(conversion, ends_schema, list, "has %zu ends", ends->list.len);
	ret->from = ends->list.items[0];
	return __builtin_sub_overflow(ends->list.items[1], ret->from, &ret->length) ? -ERANGE : 0;
}
static int span_dump(struct cor_conversion *conversion, const struct span *span, struct ends *ret)
{
	int32_t *list = cor_arena_alloc(conversion->arena, 2 * sizeof *list);

	if (!list)
		return -ENOMEM;
	list[0] = span->from;
	list[1] = span->from + span->length;
	ret->list.items = list;
	ret->list.len = 2;
	return 0;
}
COR_LOCAL_MAPPED_SCHEMA(
	span_schema, struct span, ends_schema, span_load, span_dump, .is_flat = true);

static const struct cor_field all_fields[] = {
	COR_OBJECT(struct all, level, level_kind, .presence = COR_OPTIONAL | COR_NULLABLE),
	COR_OBJECT_ARRAY(struct all, levels, level_kind, .presence = COR_OPTIONAL),
	COR_OPT_OBJECT(struct all, span, span_schema, .presence = COR_OPTIONAL | COR_NULLABLE),
	COR_OBJECT_DICT(struct all, spans, span_schema, .presence = COR_OPTIONAL),
	COR_FIELD(struct all, b, .fallback = "true"),
	COR_FIELD(struct all, i32, .range = COR_BETWEEN(-5, 500), .presence = COR_OPTIONAL),
	COR_FIELD(struct all, i64, .presence = COR_OPTIONAL, .multiple_of = 3),
	COR_FIELD(struct all, u32, .presence = COR_OPTIONAL),
	COR_FIELD(struct all, u64, .presence = COR_OPTIONAL),
	COR_FIELD(struct all, d, .range = COR_ABOVE(-1e300), .presence = COR_OPTIONAL,
		.multiple_of = 0.01),
	COR_FIELD(struct all, text, .pattern = "^(a|b)*c?", .max_length = 10,
		.fallback = "\"a\\u00e9\""),
	COR_FIELD(struct all, str, .presence = COR_OPTIONAL, .format = "uri"),
	COR_FIELD(struct all, chars, .presence = COR_OPTIONAL),
	COR_FIELD(struct all, time, .presence = COR_OPTIONAL),
	COR_FIELD(struct all, uuid, .presence = COR_OPTIONAL),
	COR_FIELD(struct all, date, .presence = COR_OPTIONAL, .range = COR_MAX("2100-01-01")),
	COR_FIELD(struct all, clock, .fallback = "\"09:30\""),
	COR_OPT_FIELD(struct all, duration, .range = COR_ABOVE("PT0S")),
	COR_FIELD(struct all, ip, .presence = COR_OPTIONAL),
	COR_ARRAY(struct all, networks, .presence = COR_OPTIONAL, .unique_items = true),
	COR_FIELD(struct all, base64, .presence = COR_OPTIONAL),
	COR_FIELD(struct all, price, .fallback = "\"0.10\"", .multiple_of = 0.01),
	COR_ARRAY(struct all, prices, .presence = COR_OPTIONAL, .as = COR_AS_NUMBER,
		.unique_items = true, .range = COR_MIN("-1.5")),
	COR_OPT_FIELD(struct all, id, .as = COR_AS_TEXT, .range = COR_MIN(1)),
	COR_FLAGS(struct all, rights, right_names, .fallback = "[\"read\"]"),
	COR_OPT_FLAGS(struct all, opt_rights, right_names, .presence = COR_NULLABLE),
	COR_FIELD(struct all, raw, .presence = COR_OPTIONAL),
	COR_OBJECT(struct all, choice, choice_schema, .presence = COR_OPTIONAL),
	COR_OBJECT_ARRAY(
		struct all, choices, choice_schema, .presence = COR_OPTIONAL, .unique_items = true),
	COR_OBJECT_DICT(struct all, by_name, choice_schema, .presence = COR_OPTIONAL,
		.key_pattern = "^[a-z/~]*$"),
	COR_DICT(struct all, totals, .presence = COR_OPTIONAL, .range = COR_MAX("100"),
		.max_items = 3),
	COR_ENUM_DICT(struct all, garden, flower_names, .fallback = "{\"a\":\"rose\"}"),
	COR_ENUM(struct all, flower, flower_names, .presence = COR_OPTIONAL),
	COR_OBJECT(struct all, next, all_schema, .presence = COR_OPTIONAL | COR_NULLABLE,
		.key = "n/x"),
	COR_FIELD(struct all, null, .presence = COR_OPTIONAL | COR_NULLABLE),
	COR_ARRAY(struct all, numbers, .presence = COR_OPTIONAL, .max_items = 4),
	COR_ARRAY(struct all, texts, .presence = COR_OPTIONAL, .min_items = 1, .format = "email"),
	COR_ENUM_ARRAY(
		struct all, flowers, flower_names, .presence = COR_OPTIONAL, .unique_items = true),
	COR_OBJECT_ARRAY(struct all, all, all_schema, .presence = COR_OPTIONAL),
	COR_OPT_FIELD(struct all, opt, .presence = COR_NULLABLE),
	COR_OPT_FIELD(struct all, opt_text, .presence = COR_NULLABLE),
	COR_OPT_FIELD(struct all, opt_raw),
	COR_EMBED(struct all, whole, whole_schema),
};
COR_SCHEMA(all_schema, all_fields);
