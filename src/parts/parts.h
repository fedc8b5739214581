/* SPDX-License-Identifier: MIT */
/** What parts.h of the public headers does not show: data without a copy. */
#ifndef CORACLE_PARTS_PARTS_H
#define CORACLE_PARTS_PARTS_H

#include <coracle/parts.h>
#include <coracle/str.h>

#include "multipart/parser.h"

struct cor_exchange;

/** The head of the part that is being read, until the next one. */
const struct cor_part_head *cor_parts_head(const struct cor_parts *parts);

/**
 * The next bytes of the part, which stay until the next call. Yields. Returns 1, 0 (the part has
 * ended) or as cor_part_read().
 */
int cor_parts_data(struct cor_parts *parts, struct cor_str *ret) COR_CHECKED;

#endif
