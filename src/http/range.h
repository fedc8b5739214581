/* SPDX-License-Identifier: MIT */
/**
 * Parts of a representation (RFC 9110 section 14): what Range asks for.
 *
 * Ranges that overlap or touch become one, so that together they never have more bytes than the
 * whole. A range that is larger than the whole is cut to it. Nothing here allocates or yields; all
 * numbers of a client are checked before they are added.
 */
#ifndef CORACLE_HTTP_RANGE_H
#define CORACLE_HTTP_RANGE_H

#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>

/** More of them, as they were sent, are disregarded (RFC 9110 section 14.2). */
#define COR_RANGES_MAX 16

/** At least one byte. */
struct cor_range {
	int64_t first;
	int64_t bytes;
};

/**
 * The ranges of a Range value in a representation of `bytes`, in the order of the value. Returns
 * how many, 0 if the field is to be disregarded (another unit than bytes, too many ranges, nothing
 * to take a part of), or -ERANGE: none can be satisfied, or the value is malformed. That a
 * malformed one is a 416 is nginx's way; RFC 9110 would allow to disregard it, too.
 */
int cor_ranges_parse(
	struct cor_str value, int64_t bytes, struct cor_range ret[COR_RANGES_MAX]) COR_CHECKED;

#endif
