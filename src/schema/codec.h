/* SPDX-License-Identifier: MIT */
/** Inside struct cor_codec. Private to the schema folder. */
#ifndef CORACLE_SCHEMA_CODEC_H
#define CORACLE_SCHEMA_CODEC_H

#include "schema/plan.h"

struct cor_codec {
	struct cor_arena arena; /* plans and all that they point to */
	struct cor_pattern_room *patterns;
	struct cor_plan **plans; /* in the order found; grows while tables are compiled */
	size_t len;
	size_t capacity;
	const struct cor_plan **slots; /* by the schema's address, once all are there */
	size_t mask;
	bool has_hooks;              /* of one of its schemas */
	uint32_t unread;             /* answers until one is read back again */
	struct cor_view_plan *views; /* that calls have used: view_use.c */
};

#endif
