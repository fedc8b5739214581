/* SPDX-License-Identifier: MIT */
#include "master/plan.h"

#include <coracle/error.h>

#include "master/child.h"
#include "schema/decode.h"
#include "schema/encode.h"

static const struct cor_field fields[] = {
	COR_FIELD(struct cor_plan, processes, .range = COR_MIN(1)),
	COR_FIELD(struct cor_plan, processes_max, .fallback = "0"),
	COR_FIELD(struct cor_plan, surplus_s, .fallback = "0"),
	COR_FIELD(struct cor_plan, start_timeout_ms),
	COR_FIELD(struct cor_plan, drain_timeout_ms),
	COR_ARRAY(struct cor_plan, http, .max_items = COR_CHILD_LISTENING_MAX),
	COR_FIELD(struct cor_plan, backlog),
	COR_FIELD(struct cor_plan, unix_mode),
	COR_FIELD(struct cor_plan, unix_group),
	COR_FIELD(struct cor_plan, log_file, .presence = COR_OPTIONAL),
	COR_FIELD(struct cor_plan, pid_file, .presence = COR_OPTIONAL),
};
COR_SCHEMA(cor_plan_schema, fields, .unknown = COR_IGNORE);

uint32_t cor_plan_workers(const struct cor_plan *plan, uint32_t now)
{
	if (now < plan->processes || plan->processes_max == 0)
		return plan->processes;
	return now < plan->processes_max ? now : plan->processes_max;
}

static int make_codec(struct cor_arena *arena, struct cor_codec **ret)
{
	static const struct cor_schema *const schemas[] = { &cor_plan_schema.schema };
	struct cor_violations why = { 0 };

	return cor_codec_create(schemas, 1, ret, arena, &why);
}

void cor_plan_print(const struct cor_plan *plan, struct cor_buffer *buffer)
{
	struct cor_codec *codec = NULL;
	struct cor_arena scratch;

	cor_arena_init(&scratch, NULL, 0, 0);
	int rc = make_codec(&scratch, &codec);
	if (rc == 0)
		rc = cor_encode_append(
			codec, &cor_plan_schema.schema, COR_USE_WHOLE, plan, buffer, NULL);
	if (rc < 0)
		cor_buffer_fail(buffer, rc);
	cor_codec_destroy(codec);
	cor_arena_finish(&scratch);
}

int cor_plan_read(struct cor_str text, struct cor_arena *arena, struct cor_plan *ret)
{
	const struct cor_decode_options options = { .use = COR_USE_WHOLE };
	struct cor_violations violations = { 0 };
	struct cor_codec *codec = NULL;
	struct cor_plan plan = { 0 };
	int rc = make_codec(arena, &codec);

	if (rc == 0)
		rc = cor_decode_text(
			codec, arena, &cor_plan_schema.schema, &options, &plan, text, &violations);
	cor_codec_destroy(codec);
	if (rc == 0)
		*ret = plan;
	return rc;
}
