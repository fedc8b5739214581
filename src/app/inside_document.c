/* SPDX-License-Identifier: MIT */
#include "app/inside_document.h"

#include <stdio.h>

#include <coracle/arena.h>
#include <coracle/error.h>

#include "openapi/document.h"
#include "service/dispatcher.h"

/* The document needs tables that are right. */
static int check_tables(const struct cor_service *service, struct cor_arena *arena)
{
	const struct cor_dispatcher_options options = { .service = service };
	struct cor_dispatcher *trial = NULL;
	struct cor_violations why = { 0 };
	int rc = cor_dispatcher_create(&options, arena, &why, &trial);

	cor_dispatcher_destroy(trial);
	for (const struct cor_violation *at = why.first; rc == -COR_ETABLE && at; at = at->next)
		fprintf(stderr, "%s: %s: %s\n", service->name, at->where, at->detail);
	return rc;
}

int cor_inside_document(const struct cor_service *service, char **ret)
{
	const struct cor_document_access access = { .unit = 0 };
	struct cor_buffer buffer = { 0 };
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	int rc = check_tables(service, &arena);
	if (rc == 0)
		rc = cor_openapi_write(service, &access, &arena, &buffer);
	cor_buffer_byte(&buffer, '\0');
	if (rc == 0)
		rc = cor_buffer_error(&buffer);
	cor_arena_finish(&arena);
	if (rc < 0)
		cor_buffer_finish(&buffer);
	else
		*ret = buffer.data;
	return rc;
}
