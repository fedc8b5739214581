/* SPDX-License-Identifier: MIT */
#include "trial.h"

int trial_begin(struct trial *trial, const struct cor_schema *schema)
{
	*trial = (struct trial){ 0 };
	cor_arena_init(&trial->arena, NULL, 0, 0);
	return cor_codec_create(&schema, 1, &trial->codec, &trial->arena, &trial->why);
}

void trial_end(struct trial *trial)
{
	cor_codec_destroy(trial->codec);
	cor_arena_finish(&trial->arena);
}

int trial_decode(
	struct trial *trial, const struct cor_schema *schema, void *value, const char *json)
{
	trial->violations = (struct cor_violations){ 0 };
	return cor_decode_json(
		trial->codec, &trial->arena, schema, value, cor_str(json), &trial->violations);
}

const char *trial_encode(struct trial *trial, const struct cor_schema *schema, const void *value)
{
	struct cor_str text;

	if (cor_encode_json(trial->codec, &trial->arena, schema, value, &text) < 0)
		return NULL;
	return text.data;
}

int trial_bind(struct trial *trial, const struct cor_schema *schema, void *value, const char *name,
	const char *text)
{
	struct cor_bind_pair pair = { cor_str(name), cor_str(text) };

	trial->violations = (struct cor_violations){ 0 };
	memset(value, 0, schema->size);
	return cor_bind(trial->codec, &trial->arena, schema, COR_FROM_QUERY, COR_FROM_QUERY, &pair,
		text != NULL, value, &trial->violations);
}

const char *trial_report(struct trial *trial, const struct cor_violations *violations)
{
	const char *report = "";

	for (const struct cor_violation *v = violations->first; v; v = v->next)
		report = cor_arena_printf(
			&trial->arena, "%s%s %s: %s\n", report, v->in, v->where, v->detail);
	return report;
}
