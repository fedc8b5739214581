/* SPDX-License-Identifier: MIT */
/** Sorting members, in time that no choice of keys can spoil. */
#ifndef CORACLE_DOCUMENT_ORDER_H
#define CORACLE_DOCUMENT_ORDER_H

#include "document/node.h"

/** Below, at or above 0, as memcmp(). */
typedef int cor_order_compare(struct cor_str a, struct cor_str b);

/** By length, then by bytes: the quickest to look up. */
cor_order_compare cor_order_by_length;
/** By the UTF-16 of the keys (RFC 8785, section 3.2.3). */
cor_order_compare cor_order_by_utf16;

/** The places of members in their order; those with one key in the order of their places. */
void cor_order_members(uint32_t *index, const struct cor_node_member *members, size_t len,
	cor_order_compare *compare);

#endif
