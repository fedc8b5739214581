/* SPDX-License-Identifier: MIT */
/*
 * A service that keeps its contract, whose tables are hard to make values for: each fails where
 * none is made, or one that the table does not allow.
 */
#include <coracle/coracle.h>
#include <coracle/testing.h>

/* What comes goes. */
#define SHAPE(name_)                                                                               \
	COR_LOCAL_SCHEMA(name_##_schema, struct name_, name_##_fields);                            \
	static int name_##_put(struct cor_ctx *ctx, const struct name_ *in, struct name_ *out)     \
	{                                                                                          \
		(void)ctx;                                                                         \
		*out = *in;                                                                        \
		return 0;                                                                          \
	}                                                                                          \
	COR_OPERATION(name_##_operation, name_##_put, name_##_schema, name_##_schema);             \
	static const struct cor_resource name_##_resource = { .path = "/" #name_,                  \
		.put = &name_##_operation }

/* --- items that differ --- */

struct point {
	int32_t x;
	const char *name;
};
static const struct cor_field point_fields[] = {
	COR_FIELD(struct point, x, .range = COR_BETWEEN(0, 1)),
	COR_FIELD(struct point, name, .max_length = 1),
};
COR_LOCAL_SCHEMA(point_schema, struct point, point_fields);

struct differing {
	cor_array(struct cor_uuid) ids;
	cor_array(const char *) codes;
	cor_array(const char *) letters;
	cor_array(int32_t) bits;
	cor_array(bool) flags;
	cor_array(double) steps;
	cor_array(struct point) points;
};
static const struct cor_field differing_fields[] = {
	COR_ARRAY(struct differing, ids, .min_items = 3, .unique_items = true),
	COR_ARRAY(struct differing, codes, .min_items = 3, .unique_items = true,
		.pattern = "^[A-Z]{2}$"),
	COR_ARRAY(struct differing, letters, .min_items = 2, .unique_items = true, .max_length = 1),
	COR_ARRAY(struct differing, bits, .min_items = 2, .unique_items = true,
		.range = COR_BETWEEN(0, 1)),
	COR_ARRAY(struct differing, flags, .min_items = 2, .unique_items = true),
	COR_ARRAY(struct differing, steps, .min_items = 3, .unique_items = true,
		.multiple_of = 0.25, .range = COR_BETWEEN(0.5, 1)),
	COR_OBJECT_ARRAY(
		struct differing, points, point_schema, .min_items = 3, .unique_items = true),
};
SHAPE(differing);

struct named {
	cor_dict(int32_t) by_code;
	cor_dict(const char *) by_name;
};
static const struct cor_field named_fields[] = {
	COR_DICT(
		struct named, by_code, .min_items = 2, .max_items = 3, .key_pattern = "^[A-Z]{2}$"),
	COR_DICT(struct named, by_name, .min_items = 12, .key_max_length = 2),
};
SHAPE(named);

/* Many of them take no time. */
struct many {
	cor_array(struct cor_uuid) ids;
	cor_array(const char *) codes;
	cor_array(int32_t) numbers;
};
static const struct cor_field many_fields[] = {
	COR_ARRAY(struct many, ids, .min_items = 200, .unique_items = true),
	COR_ARRAY(struct many, codes, .min_items = 200, .max_items = 300, .unique_items = true,
		.pattern = "^[A-Z]{2}$"),
	COR_ARRAY(struct many, numbers, .min_items = 200, .unique_items = true),
};
SHAPE(many);

/* --- texts --- */

struct texts {
	const char *long_mail, *short_mail, *long_host, *long_link;
	const char *groups, *branch, *accents, *around, *literal;
};
static const struct cor_field texts_fields[] = {
	COR_FIELD(struct texts, long_mail, .min_length = 90, .format = "email"),
	COR_FIELD(struct texts, short_mail, .max_length = 10, .format = "email"),
	COR_FIELD(struct texts, long_host, .min_length = 90, .format = "hostname"),
	COR_FIELD(struct texts, long_link, .min_length = 90, .format = "uri"),
	COR_FIELD(struct texts, groups, .pattern = "^(foo|bar)+-[^a-z]{3,5}$"),
	COR_FIELD(struct texts, branch, .pattern = "^(?:x[0-9a-f]{4}|y(a|b)z)$", .max_length = 3),
	COR_FIELD(struct texts, accents, .pattern = "^[\u00c0-\u00ff]{2,4}$", .min_length = 3),
	COR_FIELD(struct texts, around, .pattern = "[0-9]", .min_length = 8),
	COR_FIELD(struct texts, literal, .pattern = "^\u00e9{2}\u20ac?$"),
};
SHAPE(texts);

/* --- numbers --- */

struct numbers {
	int32_t below;
	int64_t seventh, lowest, as_text;
	uint64_t highest;
	double wide, small;
};
static const struct cor_field numbers_fields[] = {
	COR_FIELD(struct numbers, below, .range = COR_BETWEEN(-10000001, -4)),
	COR_FIELD(struct numbers, seventh, .range = COR_BETWEEN(-9000000, -8), .multiple_of = 7),
	COR_FIELD(struct numbers, lowest, .range = COR_MAX(-9223372036854775807)),
	COR_FIELD(
		struct numbers, as_text, .as = COR_AS_TEXT, .range = COR_MIN(9223372036854775806)),
	COR_FIELD(struct numbers, highest, .range = COR_MIN(18446744073709551614U)),
	COR_FIELD(struct numbers, wide, .range = COR_BETWEEN(-1e300, 1e308)),
	COR_FIELD(struct numbers, small, .range = COR_BELOW(0.001)),
};
SHAPE(numbers);

/* --- a type that the handler chooses --- */

static int picture(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	(void)ctx, (void)in, (void)body;
	int rc = cor_reply_start(reply, 200, "image/png");

	return rc < 0 ? rc : cor_reply_write(reply, "png", 3);
}
COR_STREAM_OPERATION(picture_operation, picture, COR_NONE, .content_type = "image/*");
static const struct cor_resource picture_resource = { .path = "/picture",
	.get = &picture_operation };

static const struct cor_service shapes = {
	.name = "shapes",
	.version = "1",
	.resources = COR_RESOURCES(&differing_resource, &many_resource, &named_resource,
		&texts_resource, &numbers_resource, &picture_resource),
};

int main(int argc, char **argv)
{
	return cor_contract_main(argc, argv,
		&(struct cor_contract){ .service = &shapes,
			.unseen = COR_CONTRACT_STRICT,
			.timeout_ms = 60000 }); /* sanitizers are slow */
}
