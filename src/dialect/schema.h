/* SPDX-License-Identifier: MIT */
/** JSON Schema 2020-12 as older dialects have it. Private to the dialect folder. */
#ifndef CORACLE_DIALECT_SCHEMA_H
#define CORACLE_DIALECT_SCHEMA_H

#include "dialect/rewrite.h"

void cor_rewrite_schema(const struct cor_rewrite *to, const struct cor_node *schema);

/** Members of a parameter or header of Swagger 2.0, which has no schema but its keywords. */
void cor_rewrite_flat_schema(const struct cor_rewrite *to, struct cor_members *object,
	const struct cor_node *schema, bool is_repeated);

/** An object of schemas. */
void cor_rewrite_schemas(const struct cor_rewrite *to, const struct cor_node *schemas);

/** The extension "x-websocket" of an operation. */
void cor_rewrite_websocket(const struct cor_rewrite *to, const struct cor_node *websocket);

#endif
