/* SPDX-License-Identifier: MIT */
/** References within a document: {"$ref":"#/components/schemas/Book"}, as OpenAPI has them. */
#ifndef CORACLE_DOCUMENT_REFERENCE_H
#define CORACLE_DOCUMENT_REFERENCE_H

#include <coracle/json_node.h>

/**
 * What a node of the document stands for: what its $ref leads to, however many there are; itself,
 * if it has none. NULL: for NULL, and where one leads nowhere, in a circle, or out of the document.
 */
const struct cor_node *cor_reference_follow(
	const struct cor_node *document, const struct cor_node *node);

#endif
