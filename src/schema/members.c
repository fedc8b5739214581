/* SPDX-License-Identifier: MIT */
#include "schema/members.h"

#include <coracle/error.h>

#include "base/violation_texts.h"
#include "schema/bind.h"
#include "schema/decoder.h"
#include "schema/describe.h"
#include "schema/value.h"

#define FALLBACK_DEPTH_MAX 16

int cor_members_fallback(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_row *row, void *base, unsigned fallback_depth)
{
	struct cor_violations found = { 0 };

	if (fallback_depth > FALLBACK_DEPTH_MAX)
		return -COR_ETOOLARGE;
	struct cor_decoder decoder = {
		.report = { .violations = &found, .arena = arena, .in = "fallback" },
		.codec = codec,
		.use = cor_fallback_use(row->field),
		.fallback_depth = fallback_depth + 1,
	};
	cor_json_reader_init(&decoder.reader, row->fallback, arena, 0);
	return cor_decoder_row(&decoder, row, base, NULL);
}

/* An answer has what is always written, unless its client wants only a part. */
static bool is_missed(const struct cor_report *report, const struct cor_row *row)
{
	return !report->is_part && cor_row_is_always_written(row->field);
}

int cor_members_fill(struct cor_codec *codec, const struct cor_report *report,
	const struct cor_plan *plan, const struct cor_row_set *absent, void *base,
	const struct cor_step *outer, unsigned fallback_depth)
{
	for (uint32_t word = 0; word < plan->words; word++) {
		uint64_t left = plan->awaited.words[word] & absent->words[word];
		for (; left != 0; left &= left - 1) {
			const struct cor_row
				*row = &plan->rows[word * 64 + (uint32_t)__builtin_ctzll(left)];
			if (report->was_written && !is_missed(report, row))
				continue;
			if (!row->fallback.data && report->is_foreign && !is_missed(report, row))
				continue;
			if (!row->fallback.data || report->was_written) {
				struct cor_step step = { .outer = outer, .key = row->key };
				cor_report(report, &step, COR_SAYS_REQUIRED);
				continue;
			}
			int rc = cor_members_fallback(
				codec, report->arena, row, base, fallback_depth);
			if (rc < 0)
				return rc;
		}
	}
	return 0;
}

/* It would be refused, too. */
static bool is_refused(const struct cor_row *row, enum cor_use use)
{
	enum cor_access access = row->field->access;

	return (use == COR_USE_REQUEST && access == COR_READ_ONLY) ||
	       (use == COR_USE_ANSWER && access == COR_WRITE_ONLY);
}

static void refuse_unknown(const struct cor_report *report, const struct cor_plan *plan,
	enum cor_use use, const struct cor_step *step)
{
	const char *what = report->plain ? "parameter" : "member";
	int nearest = -1;

	if (report->violations->count < COR_SUGGESTIONS_MAX)
		nearest = cor_key_index_nearest(&plan->keys, step->key);
	if (nearest >= 0 && is_refused(&plan->rows[nearest], use))
		nearest = -1;
	if (nearest < 0)
		cor_report(report, step, COR_SAYS_UNKNOWN, what);
	else
		cor_report(report, step, COR_SAYS_UNKNOWN_NEAR, what, plan->rows[nearest].key.data);
}

void cor_members_refuse(const struct cor_report *report, const struct cor_plan *plan,
	const struct cor_row *row, enum cor_use use, enum cor_from default_from,
	const struct cor_step *step)
{
	static const char *const places[] = { "query", "body", "path", "query", "headers" };

	if (!row)
		refuse_unknown(report, plan, use, step);
	else if (use == COR_USE_ANSWER)
		cor_report(report, step, COR_SAYS_WRITE_ONLY);
	else if (row->field->access == COR_READ_ONLY)
		cor_report(report, step, COR_SAYS_READ_ONLY);
	else
		cor_report(report, step, COR_SAYS_PLACE,
			places[cor_row_source(row->field, default_from)]);
}
