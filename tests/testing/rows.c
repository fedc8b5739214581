/* SPDX-License-Identifier: MIT */
#include "rows.h"

#include <coracle/coracle.h>

#include "../fuzz/every_row.h"

static int take(struct cor_ctx *ctx, const struct all *all, struct cor_none *none)
{
	(void)ctx, (void)all, (void)none;
	return 0;
}
COR_OPERATION(take_operation, take, all_schema, COR_NONE);

struct asked {
	int64_t id;
	uint32_t limit;
	bool exact;
	double ratio;
	cor_array(const char *) codes;
	struct timespec since;
	struct cor_uuid trace;
	const char *theme;
};
static const struct cor_field asked_fields[] = {
	COR_FIELD(struct asked, id, .from = COR_FROM_PATH, .range = COR_MIN(1)),
	COR_FIELD(struct asked, limit, .range = COR_BETWEEN(1, 200), .fallback = "20"),
	COR_FIELD(struct asked, exact, .presence = COR_OPTIONAL),
	COR_FIELD(struct asked, ratio, .range = COR_ABOVE(0), .fallback = "1"),
	COR_ARRAY(struct asked, codes, .pattern = "^[A-Z]{2}$", .max_items = 3,
		.presence = COR_OPTIONAL),
	COR_FIELD(struct asked, since, .presence = COR_OPTIONAL),
	COR_FIELD(struct asked, trace, .from = COR_FROM_HEADER, .key = "X-Trace",
		.presence = COR_OPTIONAL),
	COR_FIELD(struct asked, theme, .from = COR_FROM_COOKIE, .pattern = "^(light|dark)$",
		.presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(asked_schema, struct asked, asked_fields);

static int ask(struct cor_ctx *ctx, const struct asked *asked, struct cor_none *none)
{
	(void)ctx, (void)asked, (void)none;
	return 0;
}
COR_OPERATION(ask_operation, ask, asked_schema, COR_NONE);

static const struct cor_resource all_resource = { .path = "/all", .post = &take_operation };
static const struct cor_resource asked_resource = { .path = "/asked/{id}", .get = &ask_operation };

const struct cor_service rows = {
	.name = "rows",
	.resources = COR_RESOURCES(&all_resource, &asked_resource),
};
