/* SPDX-License-Identifier: MIT */
/**
 * The OpenAPI 3.1 document of a service, from its tables and nothing else.
 *
 * What is not in a table is derived: operationId from the handler's name, a summary from it where
 * there is none, the problems that an operation can give from its input and output.
 */
#ifndef CORACLE_OPENAPI_DOCUMENT_H
#define CORACLE_OPENAPI_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include <coracle/service.h>

#include "base/buffer.h"

/** What a service is started with, as far as the document tells it. Zeroed: nothing. */
struct cor_document_access {
	bool needs_certificate; /* of each client: mutual TLS */
	/**
	 * Whose document it is, of the composition's units (service/composition.h). It has what is
	 * mounted there, too, and its paths begin behind the unit's prefix.
	 */
	size_t unit;
};

/**
 * Append the document of a service whose tables are free of contradictions (a dispatcher was made
 * of it). Names are worked out in `arena`. Never yields; any thread. Returns 0, -ENOMEM,
 * -COR_ETOOLARGE (the buffer's limit), or -COR_EINVALID (a text in a table is not UTF-8).
 */
int cor_openapi_write(const struct cor_service *service, const struct cor_document_access *access,
	struct cor_arena *arena, struct cor_buffer *buffer) COR_CHECKED;

#endif
