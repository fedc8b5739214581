/* SPDX-License-Identifier: MIT */
/** Where a request of a collection goes, and its headers. Private to the dialect folder. */
#ifndef CORACLE_DIALECT_POSTMAN_URL_H
#define CORACLE_DIALECT_POSTMAN_URL_H

#include "dialect/rewrite.h"

/** The member "url" of a request. */
void cor_postman_url(const struct cor_rewrite *to, struct cor_str path,
	const struct cor_node *operation, struct cor_members *request);

/**
 * A value of a parameter as it stands in a URL, unescaped: Postman escapes it. A string. The
 * example may be NULL.
 */
void cor_postman_value(const struct cor_rewrite *to, const struct cor_node *schema,
	const struct cor_node *example);

/** The member "header", of a request with a body of this type or (empty) without. */
void cor_postman_headers(const struct cor_rewrite *to, const struct cor_node *operation,
	struct cor_str content_type, struct cor_members *request);

#endif
