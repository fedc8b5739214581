/* SPDX-License-Identifier: MIT */
/**
 * Entries in a heap with four branches, the least key first: those that expire by when they do, and
 * those that are evicted by how often they were used. Each entry knows its place.
 */
#ifndef CORACLE_SHELF_RANK_H
#define CORACLE_SHELF_RANK_H

#include "shelf/part.h"

struct cor_shelf_ranks {
	struct cor_shelf_rank *items;
	uint32_t *len;
	char *places; /* of unit 0 */
	size_t stride;
};

/** Those of a part that expire, by when. */
static inline struct cor_shelf_ranks cor_shelf_ages(const struct cor_shelf_part *part)
{
	return (struct cor_shelf_ranks){ part->ages, &part->state->ages_len,
		part->units + offsetof(struct cor_shelf_entry, age_at), COR_SHELF_UNIT };
}

/** All of a part, by what is evicted first. */
static inline struct cor_shelf_ranks cor_shelf_uses(const struct cor_shelf_part *part)
{
	return (struct cor_shelf_ranks){ part->ranks, &part->state->ranks_len,
		(char *)part->links + offsetof(struct cor_shelf_link, before),
		sizeof *part->links };
}

static inline uint32_t *cor_shelf_rank_place(const struct cor_shelf_ranks *ranks, uint32_t unit)
{
	return (uint32_t *)(void *)(ranks->places + unit * ranks->stride);
}

void cor_shelf_rank_add(const struct cor_shelf_ranks *ranks, uint32_t unit, uint64_t key);

/** It is there, and has another key from now on. */
void cor_shelf_rank_move(const struct cor_shelf_ranks *ranks, uint32_t unit, uint64_t key);

void cor_shelf_rank_drop(const struct cor_shelf_ranks *ranks, uint32_t unit);

#endif
