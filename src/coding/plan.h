/* SPDX-License-Identifier: MIT */
/** What is coded of the answers and the bodies of an action: constant once it is made. */
#ifndef CORACLE_CODING_PLAN_H
#define CORACLE_CODING_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/arena.h>
#include <coracle/str.h>

#include "coding/pool.h"
#include "http/accept.h"

/** Codings with their names; zeroed: none. */
struct cor_coding_list {
	const struct cor_coding *const *items;
	size_t len;
	struct cor_str names[COR_ACCEPT_CODINGS_MAX];
};

struct cor_coding_plan {
	const struct cor_compression *compression; /* NULL: answers are sent as they are */
	struct cor_coding_list codings;            /* of it */
	struct cor_coding_list lasting;            /* those that take little memory for hours */
	struct cor_str content_type; /* of the answer, as the operation has it; empty: none */
	bool is_listed;              /* and that is compressed, or the handler chooses the type */
	struct cor_coding_list accepts; /* of bodies */
	const char *accepts_text;       /* the same for a client: "gzip, br" */
	uint32_t ratio_limit;           /* of bodies */
	struct cor_encoder_pool *pool;  /* of the thread */
};

/** What an action asks for, before it is planned. */
struct cor_coding_wish {
	const struct cor_compression *compression; /* NULL: none */
	const struct cor_coding *const *accepts;   /* NULL: none */
	struct cor_str content_type;
	uint32_t ratio_limit; /* 0: the usual */
};

/** How many codings a list has. NULL is allowed. */
size_t cor_codings_len(const struct cor_coding *const *codings);

/** The level of a coding that the compression has. */
int cor_coding_level(const struct cor_compression *compression, const struct cor_coding *coding);

/** Make a plan in the arena; NULL for a wish that needs none. Returns 0 or -ENOMEM. */
int cor_coding_plan_make(const struct cor_coding_wish *wish, struct cor_encoder_pool *pool,
	struct cor_arena *arena, const struct cor_coding_plan **ret) COR_CHECKED;

#endif
