/* SPDX-License-Identifier: MIT */
/*
 * Views that code names in a call. The first call makes a table, which stays with the codec. What
 * is compared is what a view says: it may be gone when the next one stands in its place.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "schema/codec.h"
#include "schema/view.h"

struct cor_view_plan {
	const struct cor_schema *whole;
	struct cor_view view; /* a copy */
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
	const struct cor_viewed viewed = { plan->whole, &plan->view, COR_USE_WHOLE };
	int rc = cor_view_schema(&viewed, &plan->arena, found, &plan->made);

	if (rc == 0 && found->count != 0)
		rc = -COR_ETABLE;
	return rc < 0 ? rc : cor_codec_create(&plan->made, 1, &plan->codec, &plan->arena, found);
}

/* --- what a view says --- */

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool are_same_keys(const char *const *a, const char *const *b)
{
	if (!a || !b)
		return a == b;
	while (*a && *b && strcmp(*a, *b) == 0)
		a++, b++;
	return !*a && !*b;
}

static bool is_same(const struct cor_view *a, const struct cor_view *b)
{
	return a->partial == b->partial && a->unknown == b->unknown &&
	       are_same_keys(a->only, b->only) && are_same_keys(a->exclude, b->exclude) &&
	       are_same_keys(a->optional, b->optional) && is_same_text(a->name, b->name) &&
	       is_same_text(a->envelope, b->envelope);
}

static int copy_text(struct cor_arena *arena, const char **text)
{
	if (*text)
		*text = cor_arena_strdup(arena, *text);
	return *text ? 0 : -ENOMEM;
}

static int copy_keys(struct cor_arena *arena, const char *const **keys)
{
	size_t len = 0;

	while (*keys && (*keys)[len])
		len++;
	const char **copy = *keys ? cor_arena_alloc(arena, (len + 1) * sizeof *copy) : NULL;
	if (!copy)
		return *keys ? -ENOMEM : 0;
	for (size_t i = 0; i < len; i++) {
		copy[i] = (*keys)[i];
		if (copy_text(arena, &copy[i]) < 0)
			return -ENOMEM;
	}
	copy[len] = NULL;
	*keys = copy;
	return 0;
}

static int copy_view(struct cor_arena *arena, struct cor_view *view)
{
	int rc = copy_keys(arena, &view->only);

	if (rc == 0)
		rc = copy_keys(arena, &view->exclude);
	if (rc == 0)
		rc = copy_keys(arena, &view->optional);
	if (rc == 0 && view->name)
		rc = copy_text(arena, &view->name);
	if (rc == 0 && view->envelope)
		rc = copy_text(arena, &view->envelope);
	return rc;
}

/* --- those that are kept, the one that was used last in front --- */

static void forget_the_last(struct cor_codec *codec)
{
	struct cor_view_plan **at = &codec->views;
	size_t len = 1;

	for (; (*at)->next; at = &(*at)->next)
		len++;
	if (len <= COR_VIEWS_KEPT)
		return;
	destroy(*at);
	*at = NULL;
}

static int make(struct cor_codec *codec, const struct cor_schema *schema,
	const struct cor_view *view, struct cor_arena *arena, struct cor_violations *why)
{
	struct cor_view_plan *plan = calloc(1, sizeof *plan);
	struct cor_violations found = { 0 };

	if (!plan)
		return -ENOMEM;
	*plan = (struct cor_view_plan){ .whole = schema, .view = *view };
	cor_arena_init(&plan->arena, NULL, 0, 0);
	int rc = copy_view(&plan->arena, &plan->view);
	if (rc == 0)
		rc = fill(plan, &found);
	if (rc < 0) {
		tell(why, arena, &found);
		destroy(plan);
		return rc;
	}
	plan->next = codec->views;
	codec->views = plan;
	forget_the_last(codec);
	return 0;
}

static const struct cor_view_plan *find(
	struct cor_codec *codec, const struct cor_schema *schema, const struct cor_view *view)
{
	struct cor_view_plan **at = &codec->views;

	while (*at && ((*at)->whole != schema || !is_same(&(*at)->view, view)))
		at = &(*at)->next;
	struct cor_view_plan *found = *at;
	if (found && found != codec->views) {
		*at = found->next;
		found->next = codec->views;
		codec->views = found;
	}
	return found;
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
