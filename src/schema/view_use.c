/* SPDX-License-Identifier: MIT */
/* Views that code names in a call. The first one with a codec makes its table; it stays with it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "schema/codec.h"
#include "schema/view.h"

struct cor_view_plan {
	const struct cor_schema *whole;
	const struct cor_view *view;
	const struct cor_schema *made;
	struct cor_codec *codec; /* of it alone */
	struct cor_arena arena;
	struct cor_view_plan *next;
};

static void destroy(struct cor_view_plan *plan)
{
	cor_codec_destroy(plan->codec);
	cor_arena_finish(&plan->arena);
	free(plan);
}

void cor_view_plans_destroy(struct cor_view_plan *first)
{
	while (first) {
		struct cor_view_plan *next = first->next;
		destroy(first);
		first = next;
	}
}

static void tell(
	struct cor_violations *why, struct cor_arena *arena, const struct cor_violations *found)
{
	for (const struct cor_violation *v = found->first; v && why; v = v->next)
		cor_violate(why, arena, v->in, v->where, "%s", v->detail);
}

static int fill(struct cor_view_plan *plan, struct cor_violations *found)
{
	const struct cor_viewed viewed = { plan->whole, plan->view, COR_USE_WHOLE };
	int rc = cor_view_schema(&viewed, &plan->arena, found, &plan->made);

	if (rc == 0 && found->count != 0)
		rc = -COR_ETABLE;
	return rc < 0 ? rc : cor_codec_create(&plan->made, 1, &plan->codec, &plan->arena, found);
}

static int make(struct cor_codec *codec, const struct cor_schema *schema,
	const struct cor_view *view, struct cor_arena *arena, struct cor_violations *why)
{
	struct cor_view_plan *plan = calloc(1, sizeof *plan);
	struct cor_violations found = { 0 };

	if (!plan)
		return -ENOMEM;
	*plan = (struct cor_view_plan){ .whole = schema, .view = view, .next = codec->views };
	cor_arena_init(&plan->arena, NULL, 0, 0);
	int rc = fill(plan, &found);
	if (rc < 0) {
		tell(why, arena, &found);
		destroy(plan);
		return rc;
	}
	codec->views = plan;
	return 0;
}

static const struct cor_view_plan *find(
	const struct cor_codec *codec, const struct cor_schema *schema, const struct cor_view *view)
{
	const struct cor_view_plan *plan = codec->views;

	while (plan && (plan->whole != schema || plan->view != view))
		plan = plan->next;
	return plan;
}

static int find_or_make(struct cor_codec *codec, const struct cor_schema *schema,
	const struct cor_view *view, struct cor_arena *arena, struct cor_violations *why,
	const struct cor_view_plan **ret)
{
	int rc = 0;

	if (!cor_codec_plan(codec, schema))
		return -COR_ETABLE;
	*ret = find(codec, schema, view);
	if (!*ret)
		rc = make(codec, schema, view, arena, why);
	if (rc == 0)
		*ret = find(codec, schema, view);
	return rc;
}

/* What was given stands behind the struct. */
static int decode_partial(const struct cor_view_plan *plan, struct cor_arena *arena, void *ret,
	struct cor_given *ret_given, struct cor_str text, struct cor_violations *violations)
{
	void *room = cor_arena_alloc(arena, plan->made->size);
	int rc = room ? cor_decode_json(plan->codec, arena, plan->made, room, text, violations)
		      : -ENOMEM;

	if (rc < 0)
		return rc;
	memcpy(ret, room, plan->whole->size);
	if (ret_given)
		*ret_given = *cor_view_given(plan->whole, room);
	return 0;
}

int cor_decode_by_view(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, const struct cor_view *view, void *ret,
	struct cor_given *ret_given, struct cor_str text, struct cor_violations *violations)
{
	const struct cor_view_plan *plan;
	int rc = find_or_make(codec, schema, view, arena, violations, &plan);

	if (rc < 0)
		return rc;
	if (view->partial)
		return decode_partial(plan, arena, ret, ret_given, text, violations);
	return cor_decode_json(plan->codec, arena, plan->made, ret, text, violations);
}

int cor_encode_by_view(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, const struct cor_view *view, const void *value,
	struct cor_str *ret_text)
{
	const struct cor_view_plan *plan;

	if (view->partial || view->optional)
		return -COR_ETABLE;
	int rc = find_or_make(codec, schema, view, arena, NULL, &plan);
	return rc < 0 ? rc : cor_encode_json(plan->codec, arena, plan->made, value, ret_text);
}
