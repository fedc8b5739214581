/* SPDX-License-Identifier: MIT */
/**
 * The struct's side of decoding that JSON and parameters share: which row a name is, and what
 * happens to rows that were not there. Private to the schema folder.
 */
#ifndef CORACLE_SCHEMA_MEMBERS_H
#define CORACLE_SCHEMA_MEMBERS_H

#include "schema/path.h"
#include "schema/plan.h"

#define COR_SUGGESTIONS_MAX 8 /* "did you mean": so that a hostile body cannot buy much work */

/**
 * What the .fallback and .example of a row are: part of a request, unless only answers have the
 * row.
 */
static inline enum cor_use cor_fallback_use(const struct cor_field *field)
{
	return field->access == COR_READ_ONLY ? COR_USE_ANSWER : COR_USE_REQUEST;
}

/**
 * A row that is absent and has a fallback gets it. 0, -ENOMEM or -COR_ETOOLARGE (fallbacks inside
 * fallbacks).
 */
int cor_members_fallback(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_row *row, void *base, unsigned fallback_depth) COR_CHECKED;

/**
 * Rows that take part and were not there: their fallback, or a violation. 0, -ENOMEM or
 * -COR_ETOOLARGE.
 */
int cor_members_fill(struct cor_codec *codec, const struct cor_report *report,
	const struct cor_plan *plan, const struct cor_row_set *absent, void *base,
	const struct cor_step *outer, unsigned fallback_depth) COR_CHECKED;

/** Report a name that is not a row (NULL), or a row that does not take part here. */
void cor_members_refuse(const struct cor_report *report, const struct cor_plan *plan,
	const struct cor_row *row, enum cor_use use, enum cor_from default_from,
	const struct cor_step *step);

#endif
