/* SPDX-License-Identifier: MIT */
#include "coding/plan.h"

#include <errno.h>
#include <string.h>

#include "coding/media.h"

size_t cor_codings_len(const struct cor_coding *const *codings)
{
	size_t len = 0;

	while (codings && codings[len])
		len++;
	return len;
}

int cor_coding_level(const struct cor_compression *compression, const struct cor_coding *coding)
{
	uint8_t level = *((const uint8_t *)compression + coding->level_at);

	return level ? level : coding->usual_level;
}

static void list(struct cor_coding_list *ret, const struct cor_coding *const *codings)
{
	ret->items = codings;
	ret->len = cor_codings_len(codings);
	for (size_t i = 0; i < ret->len; i++)
		ret->names[i] = cor_str(codings[i]->name);
}

static int list_lasting(struct cor_coding_plan *plan, struct cor_arena *arena)
{
	const struct cor_coding **codings = cor_arena_zalloc(
		arena, (plan->codings.len + 1) * sizeof *codings);
	size_t len = 0;

	if (!codings)
		return -ENOMEM;
	for (size_t i = 0; i < plan->codings.len; i++)
		if (!plan->codings.items[i]->is_large)
			codings[len++] = plan->codings.items[i];
	list(&plan->lasting, codings);
	return 0;
}

/* NULL without memory. */
static const char *join(const struct cor_coding_list *codings, struct cor_arena *arena)
{
	const char *text = "";

	for (size_t i = 0; text && i < codings->len; i++)
		text = cor_arena_printf(
			arena, "%s%s%s", text, i ? ", " : "", codings->names[i].data);
	return text;
}

/* Of a range, or without a type, the handler says which it is. */
static bool is_listed(const struct cor_coding_wish *wish)
{
	struct cor_str type = wish->content_type;

	return type.len == 0 || memchr(type.data, '*', type.len) ||
	       cor_coding_media_listed(wish->compression->media_types, type);
}

int cor_coding_plan_make(const struct cor_coding_wish *wish, struct cor_encoder_pool *pool,
	struct cor_arena *arena, const struct cor_coding_plan **ret)
{
	bool compresses = wish->compression && cor_codings_len(wish->compression->codings) != 0;
	struct cor_coding_plan *plan;
	int rc = 0;

	*ret = NULL;
	if (!compresses && cor_codings_len(wish->accepts) == 0)
		return 0;
	plan = cor_arena_zalloc(arena, sizeof *plan);
	if (!plan)
		return -ENOMEM;
	plan->pool = pool;
	plan->content_type = wish->content_type;
	plan->ratio_limit = wish->ratio_limit ? wish->ratio_limit : COR_BODY_RATIO_LIMIT;
	if (compresses) {
		plan->compression = wish->compression;
		list(&plan->codings, wish->compression->codings);
		rc = list_lasting(plan, arena);
		plan->is_listed = is_listed(wish);
	}
	list(&plan->accepts, wish->accepts);
	plan->accepts_text = join(&plan->accepts, arena);
	*ret = plan;
	return plan->accepts_text ? rc : -ENOMEM;
}
