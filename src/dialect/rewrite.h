/* SPDX-License-Identifier: MIT */
/**
 * Writing a document anew from its tree. Private to the dialect folder. Errors go into the buffer;
 * what is not there (NULL) is not written. Nothing here yields.
 */
#ifndef CORACLE_DIALECT_REWRITE_H
#define CORACLE_DIALECT_REWRITE_H

#include <stdbool.h>

#include <coracle/json_node.h>

#include "dialect/dialect.h"
#include "json/members.h"

/** What all parts share. */
struct cor_rewrite {
	const struct cor_node *root; /* of the OpenAPI 3.1 document */
	struct cor_buffer *buffer;
	enum cor_dialect dialect;
};

static inline bool cor_rewrite_is_swagger(const struct cor_rewrite *to)
{
	return to->dialect == COR_DIALECT_SWAGGER_2_0;
}

/** The text of a string node; else empty. */
struct cor_str cor_text_of(const struct cor_node *node);
bool cor_node_is_text(const struct cor_node *node, const char *text);

/** Append the value as it is. */
void cor_rewrite_copy(struct cor_buffer *buffer, const struct cor_node *node);

/** Begin a member whose name need not end with a NUL. */
void cor_member_begin(struct cor_members *object, struct cor_str name);

/** A member as it is. */
void cor_member_copy(struct cor_members *object, const char *name, const struct cor_node *value);

/** Begin a member that the dialect does not have: "x-NAME", or NAME where it begins with "x-". */
void cor_member_extend(struct cor_members *object, struct cor_str name);

/** Such a member, as it is. */
void cor_member_extension(
	struct cor_members *object, struct cor_str name, const struct cor_node *value);

/** What a member says that is a reference, with its place in this dialect: a string. */
void cor_rewrite_reference(const struct cor_rewrite *to, struct cor_str reference);

/** What the object refers to, or the object itself. */
const struct cor_node *cor_rewrite_resolve(
	const struct cor_rewrite *to, const struct cor_node *object);

#endif
