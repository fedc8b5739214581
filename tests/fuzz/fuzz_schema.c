/* SPDX-License-Identifier: MIT */
/*
 * Bytes into a struct with every kind of row, once as JSON and once as parameters. What was
 * accepted must come out as JSON that is accepted again and comes out the same; a refusal must have
 * been reported.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/schema.h>

#include "schema/bind.h"

#include "target.h"

#define PAIRS_MAX 32

enum flower { ROSE, TULIP = 7 };
static const struct cor_enum_name flower_names[] = { { "rose", ROSE }, { "tulip", TULIP } };

static const struct cor_enum_name right_names[] = {
	{ "read", 1 },
	{ "write", 6 },
	{ "own", 1U << 31 },
};

struct part {
	const char *name;
	cor_opt(int32_t) count;
	cor_array(bool) flags;
	cor_dict(const char *) names;
};
static const struct cor_field part_fields[] = {
	COR_FIELD(struct part, name, .presence = COR_OPTIONAL),
	COR_OPT_FIELD(struct part, count, .presence = COR_NULLABLE),
	COR_DICT(struct part, names, .presence = COR_OPTIONAL, .key_max_length = 8),
	COR_ARRAY(struct part, flags, .presence = COR_OPTIONAL, .max_items = 3),
};
COR_LOCAL_SCHEMA(part_schema, struct part, part_fields);

struct whole {
	int64_t before;
	struct part part;
};
static const struct cor_field whole_fields[] = {
	COR_EMBED(struct whole, part, part_schema),
	COR_FIELD(struct whole, before, .fallback = "7"),
};
COR_LOCAL_SCHEMA(whole_schema, struct whole, whole_fields);

struct all {
	bool b;
	int32_t i32;
	int64_t i64;
	uint32_t u32;
	uint64_t u64;
	double d;
	const char *text;
	struct cor_str str;
	char chars[8];
	struct timespec time;
	struct cor_uuid uuid;
	struct cor_date date;
	struct cor_time clock;
	cor_opt(struct cor_duration) duration;
	struct cor_ip ip;
	cor_array(struct cor_network) networks;
	struct cor_base64 base64;
	struct cor_decimal_number price;
	cor_array(struct cor_decimal_number) prices;
	cor_opt(int64_t) id;
	uint32_t rights;
	cor_opt(uint32_t) opt_rights;
	struct cor_json raw;
	enum flower flower;
	struct all *next;
	const char *null;
	cor_array(int64_t) numbers;
	cor_array(const char *) texts;
	cor_array(enum flower) flowers;
	cor_array(struct all) all;
	cor_opt(double) opt;
	cor_opt(const char *) opt_text;
	cor_opt(struct cor_json) opt_raw;
	struct whole whole;
};
COR_DECLARE_SCHEMA(all_schema, struct all);
static const struct cor_field all_fields[] = {
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

static struct cor_codec *make_codec(void)
{
	const struct cor_schema *schemas[] = { &all_schema.schema };
	struct cor_codec *codec;

	if (cor_codec_create(schemas, 1, &codec, NULL, NULL) < 0)
		abort();
	return codec;
}

/* The JSON of a good struct must be accepted and come out the same. */
static void there_and_back(struct cor_codec *codec, struct cor_arena *arena, const struct all *all)
{
	struct cor_violations violations = { 0 };
	struct cor_str first, second;
	struct all again;
	int rc = cor_encode(codec, arena, all_schema, all, &first);

	if (rc == -COR_ETOOLARGE || rc == -ENOMEM)
		return; /* raw JSON inside makes it deeper than before */
	if (rc < 0)
		abort();
	rc = cor_decode(codec, arena, all_schema, &again, first, &violations);
	if (rc == -COR_ETOOLARGE || rc == -ENOMEM)
		return;
	if (rc < 0 || cor_encode(codec, arena, all_schema, &again, &second) < 0)
		abort();
	if (!cor_str_equal(first, second))
		abort();
}

static void judge(struct cor_codec *codec, struct cor_arena *arena, const struct all *all, int rc,
	const struct cor_violations *violations)
{
	if (rc == 0 && violations->count == 0)
		there_and_back(codec, arena, all);
	else if (rc != -ENOMEM && (rc == 0 || violations->count == 0))
		abort();
}

/* Name and value in turn, each ended by a NUL. */
static size_t split(const uint8_t *data, size_t size, struct cor_bind_pair *pairs)
{
	struct cor_str parts[2 * PAIRS_MAX] = { 0 };
	size_t len = 0;

	for (size_t at = 0; at < size && len < 2 * PAIRS_MAX; len++) {
		const uint8_t *stop = memchr(data + at, 0, size - at);
		size_t part = stop ? (size_t)(stop - data) - at : size - at;
		parts[len] = (struct cor_str){ (const char *)data + at, part };
		at += part + 1;
	}
	for (size_t i = 0; i < len / 2; i++)
		pairs[i] = (struct cor_bind_pair){ parts[2 * i], parts[2 * i + 1] };
	return len / 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cor_codec *codec;
	const struct cor_str text = { (const char *)data, size };
	struct cor_bind_pair pairs[PAIRS_MAX];
	struct cor_violations violations = { 0 };
	struct cor_arena arena;
	struct all all;

	if (!codec)
		codec = make_codec();
	cor_arena_init(&arena, NULL, 0, 1 << 20);
	int rc = cor_decode(codec, &arena, all_schema, &all, text, &violations);
	judge(codec, &arena, &all, rc, &violations);
	cor_arena_reset(&arena);

	size_t len = split(data, size, pairs);
	enum cor_from source = size % 2 ? COR_FROM_QUERY : COR_FROM_HEADER;
	violations = (struct cor_violations){ 0 };
	memset(&all, 0, sizeof all);
	rc = cor_bind(
		codec, &arena, &all_schema.schema, source, source, pairs, len, &all, &violations);
	judge(codec, &arena, &all, rc, &violations);
	cor_arena_finish(&arena);
	return 0;
}
