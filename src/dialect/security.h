/* SPDX-License-Identifier: MIT */
/** Security schemes and what asks for them. Private to the dialect folder. */
#ifndef CORACLE_DIALECT_SECURITY_H
#define CORACLE_DIALECT_SECURITY_H

#include "dialect/rewrite.h"

/** A scheme of the document by its name; NULL: there is none. */
const struct cor_node *cor_rewrite_scheme(const struct cor_rewrite *to, struct cor_str name);

/**
 * The requirements of a list "security", without the schemes that the dialect does not have
 * (mutualTLS).
 */
void cor_rewrite_security(const struct cor_rewrite *to, const struct cor_node *list);

/** The member "securitySchemes" or "securityDefinitions", without such schemes. */
void cor_rewrite_schemes(
	const struct cor_rewrite *to, const char *name, struct cor_members *object);

/** Whether one was left out: "x-mutualTLS" says it. */
void cor_rewrite_say_mutual(const struct cor_rewrite *to, struct cor_members *object);

#endif
