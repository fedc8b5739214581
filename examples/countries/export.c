/* SPDX-License-Identifier: MIT */
/* GET /export/subdivisions: the whole list as a stream of JSON lines, in constant memory. */
#include "resources.h"
#include "state.h"

struct export_query {
	char country[3]; /* "": all */
};
static const struct cor_field export_query_fields[] = {
	COR_FIELD(struct export_query, country, .presence = COR_OPTIONAL,
		.pattern = "^[A-Za-z]{2}$", .example = "\"DE\"",
		.doc = "Only of the country with this alpha-2 code"),
};
COR_LOCAL_SCHEMA(export_query_schema, struct export_query, export_query_fields);

static int write_line(struct cor_ctx *ctx, struct cor_arena *arena,
	const struct subdivision *subdivision, struct cor_reply *reply)
{
	struct cor_str line;
	int rc = cor_encode(cor_ctx_codec(ctx), arena, subdivision_schema, subdivision, &line);

	if (rc == 0)
		rc = cor_reply_write(reply, line.data, line.len);
	return rc < 0 ? rc : cor_reply_write(reply, "\n", 1);
}

static int export_subdivisions(struct cor_ctx *ctx, const struct export_query *query,
	struct cor_body *body, struct cor_reply *reply)
{
	const struct index *index = &data_of(ctx)->subdivisions[SUBDIVISION_CODE];
	size_t country_len = strlen(query->country);
	/* For one line at a time: in the memory of ctx all lines would add up. */
	struct cor_arena arena = { 0 };
	int rc = cor_reply_start(reply, 0, NULL);

	(void)body;
	for (size_t i = 0; rc == 0 && i < index->len; i++) {
		const struct subdivision *subdivision = index->rows[i];

		if (strncasecmp(subdivision->code, query->country, country_len) != 0)
			continue;
		rc = write_line(ctx, &arena, subdivision, reply);
		cor_arena_reset(&arena);
	}
	cor_arena_finish(&arena);
	return rc;
}
COR_STREAM_OPERATION(export_subdivisions_operation, export_subdivisions, export_query_schema,
	.summary = "Export subdivisions as JSON lines", .content_type = "application/x-ndjson",
	.doc = "Sent in pieces as it is made: one subdivision per line, sorted by code.");

const struct cor_resource export_subdivisions_resource = {
	.path = "/export/subdivisions",
	.get = &export_subdivisions_operation,
	.tag = "subdivisions",
};
