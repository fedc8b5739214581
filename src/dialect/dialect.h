/* SPDX-License-Identifier: MIT */
/**
 * The OpenAPI 3.1 document of a service in the dialects of older tools.
 *
 * What a dialect cannot say is left out or said more weakly, never wrongly: whatever fits the
 * document fits its dialects. Keywords that have no place there stay as extensions ("x-const"), so
 * that people and tools that know them can read them. docs/openapi.md lists what becomes of what.
 */
#ifndef CORACLE_DIALECT_DIALECT_H
#define CORACLE_DIALECT_DIALECT_H

#include <coracle/arena.h>
#include <coracle/str.h>

#include "base/buffer.h"

enum cor_dialect {
	COR_DIALECT_OPENAPI_3_0 = 0, /* 3.0.3 */
	COR_DIALECT_SWAGGER_2_0,
	COR_DIALECT_POSTMAN_2_1, /* a collection of requests to send */
	COR_DIALECTS,
};

/**
 * Append the document in a dialect. The document is one that the openapi folder wrote; the arena is
 * for its tree. Never yields; any thread. Returns 0, -ENOMEM, -COR_ETOOLARGE (the buffer's limit,
 * or an example in it that is nested too deeply), -COR_ESYNTAX or -COR_EINVALID (no such document).
 */
int cor_dialect_write(enum cor_dialect dialect, struct cor_str document, struct cor_arena *arena,
	struct cor_buffer *buffer) COR_CHECKED;

#endif
