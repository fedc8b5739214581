/* SPDX-License-Identifier: MIT */
/** What main's start hook makes, and the operations find with cor_state(). */
#ifndef COUNTRIES_STATE_H
#define COUNTRIES_STATE_H

#include "data.h"
#include "shelf.h"

struct state {
	struct data data;
	struct shelf shelf;
};

static inline const struct data *data_of(struct cor_ctx *ctx)
{
	const struct state *state = cor_state(ctx);

	return &state->data;
}

static inline struct shelf *shelf_of(struct cor_ctx *ctx)
{
	struct state *state = cor_state(ctx);

	return &state->shelf;
}

#endif
