/* SPDX-License-Identifier: MIT */
/* A service's tables on trial, and what is said of them. */
#ifndef TESTS_SERVICE_TABLES_H
#define TESTS_SERVICE_TABLES_H

#include "fake.h"

#include <string.h>

static inline int create(
	const struct cor_service *service, struct cor_arena *arena, struct cor_violations *why)
{
	const struct cor_dispatcher_options options = { .service = service };
	struct cor_dispatcher *dispatcher = NULL;

	cor_arena_init(arena, NULL, 0, 0);
	int rc = cor_dispatcher_create(&options, arena, why, &dispatcher);
	if (rc < 0)
		assert_null(dispatcher);
	cor_dispatcher_destroy(dispatcher);
	return rc;
}

/* Of the table at `where`. */
static inline bool is_said(const struct cor_violations *why, const char *where, const char *says)
{
	for (const struct cor_violation *v = why->first; v; v = v->next)
		if (strcmp(v->where, where) == 0 && strstr(v->detail, says))
			return true;
	return false;
}

#endif
