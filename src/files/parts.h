/* SPDX-License-Identifier: MIT */
/** What says which part of a representation is sent: RFC 9110 sections 14.4 and 14.6. */
#ifndef CORACLE_FILES_PARTS_H
#define CORACLE_FILES_PARTS_H

#include <stdint.h>

#include <coracle/str.h>

#include "http/range.h"

struct cor_extents;

#define COR_CONTENT_RANGE_BYTES 80 /* of the text, with its NUL */
#define COR_BOUNDARY_BYTES      24

/** Write "bytes 0-8/1000"; the answer is in `out`. */
struct cor_str cor_content_range_print(
	char out[COR_CONTENT_RANGE_BYTES], const struct cor_range *range, int64_t whole);

/** A body of several parts: multipart/byteranges. */
struct cor_parts {
	struct cor_str of_type; /* what a part is */
	int64_t whole;
	char boundary[COR_BOUNDARY_BYTES + 1];
	char type_text[64];
	struct cor_str media_type; /* of all of it, in type_text */
};

/** Begin it, with a boundary that nobody can have foreseen. */
void cor_parts_begin(struct cor_parts *parts, struct cor_str of_type, int64_t whole);

/** How many bytes all heads and the end have. */
size_t cor_parts_bytes(const struct cor_parts *parts, const struct cor_range *ranges, int len);

/** Append the head of a part. */
void cor_parts_add_head(
	const struct cor_parts *parts, struct cor_extents *extents, const struct cor_range *range);

/** Append the end. */
void cor_parts_add_end(const struct cor_parts *parts, struct cor_extents *extents);

#endif
