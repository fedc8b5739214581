/* SPDX-License-Identifier: MIT */
#include "coding/pool.h"

static struct cor_encoder *unlink_at(struct cor_encoder_pool *pool, struct cor_encoder **at)
{
	struct cor_encoder *encoder = *at;

	*at = encoder->next;
	encoder->next = NULL;
	pool->len--;
	return encoder;
}

struct cor_encoder *cor_encoder_take(struct cor_encoder_pool *pool, const struct cor_coding *coding,
	const struct cor_encoder_options *options)
{
	struct cor_encoder *encoder = NULL;

	for (struct cor_encoder **at = &pool->first; *at; at = &(*at)->next)
		if ((*at)->coding == coding && (*at)->level == options->level &&
			coding->restart_encoder(*at, options) == 0)
			return unlink_at(pool, at);
	return coding->open_encoder(options, &encoder) == 0 ? encoder : NULL;
}

/* The one that has not been used for the longest time. */
static void drop_last(struct cor_encoder_pool *pool)
{
	struct cor_encoder **at = &pool->first;

	while ((*at)->next)
		at = &(*at)->next;
	struct cor_encoder *encoder = unlink_at(pool, at);
	encoder->coding->close_encoder(encoder);
}

void cor_encoder_give_back(struct cor_encoder_pool *pool, struct cor_encoder *encoder)
{
	if (!encoder)
		return;
	if (!encoder->coding->restart_encoder) {
		encoder->coding->close_encoder(encoder);
		return;
	}
	encoder->next = pool->first;
	pool->first = encoder;
	if (++pool->len > COR_ENCODERS_KEPT)
		drop_last(pool);
}

void cor_encoder_pool_finish(struct cor_encoder_pool *pool)
{
	while (pool->first)
		drop_last(pool);
}
