/* SPDX-License-Identifier: MIT */
/**
 * Whether a text that comes in pieces is UTF-8: known as soon as it can be.
 *
 * Zeroed at the beginning of a text. Nothing here yields or allocates.
 */
#ifndef CORACLE_BASE_UTF8_PIECES_H
#define CORACLE_BASE_UTF8_PIECES_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/str.h>

struct cor_utf8_pieces {
	uint8_t len; /* of the character that has begun */
	char begun[4];
};

/** The next piece. Returns false if no text that begins like that is UTF-8. */
bool cor_utf8_piece(struct cor_utf8_pieces *pieces, struct cor_str piece);

/** Whether the text may end here: no character is incomplete. */
static inline bool cor_utf8_pieces_whole(const struct cor_utf8_pieces *pieces)
{
	return pieces->len == 0;
}

#endif
