/* SPDX-License-Identifier: MIT */
/**
 * A schema with less in it: what a view makes of another one. It is a schema like those that were
 * written by hand, so nobody else has to know of views. Private to the library.
 */
#ifndef CORACLE_SCHEMA_VIEW_H
#define CORACLE_SCHEMA_VIEW_H

#include <coracle/view.h>

#include "schema/decode.h"

/** What is looked at, in which direction; at rest (COR_USE_WHOLE) every row is in the body. */
struct cor_viewed {
	const struct cor_schema *schema;
	const struct cor_view *view;
	enum cor_use use;
};

/**
 * Make it in the arena. What is wrong with the view is added to *why, whose `detail` says it whole;
 * *ret is the schema itself then. Returns 0 or -ENOMEM.
 */
int cor_view_schema(const struct cor_viewed *viewed, struct cor_arena *arena,
	struct cor_violations *why, const struct cor_schema **ret) COR_CHECKED;

struct cor_view_plan;

/** view_use.c: free what calls have made of views: all from the first one on; NULL: nothing. */
void cor_view_plans_destroy(struct cor_view_plan *first);

/** What a request gave, behind the struct that a partial view of the schema has filled. */
const struct cor_given *cor_view_given(const struct cor_schema *schema, const void *value);

#endif
