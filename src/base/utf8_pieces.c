/* SPDX-License-Identifier: MIT */
#include "base/utf8_pieces.h"

#include <string.h>

#include "base/utf8.h"

static unsigned sequence_bytes(unsigned char lead)
{
	return lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead <= 0xf4 ? 4 : 0;
}

/* Whether a character may begin with these bytes: it may if it has an end that makes it whole. */
static bool may_begin(const char *bytes, unsigned len)
{
	static const char ends[] = { '\x80', '\xbf' };
	unsigned whole = sequence_bytes((unsigned char)bytes[0]);
	char tried[4];

	if (whole == 0 || len > whole)
		return false;
	for (size_t i = 0; i < sizeof ends; i++) {
		memset(tried, ends[i], sizeof tried);
		memcpy(tried, bytes, len);
		if (cor_utf8_sequence(tried, tried + whole) == whole)
			return true;
	}
	return false;
}

/* Returns how many bytes of the piece belong to the character that has begun, or -1. */
static int complete(struct cor_utf8_pieces *pieces, struct cor_str piece)
{
	unsigned whole = sequence_bytes((unsigned char)pieces->begun[0]);
	unsigned used = 0;

	while (used < piece.len && pieces->len < whole) {
		pieces->begun[pieces->len++] = piece.data[used++];
		if (!may_begin(pieces->begun, pieces->len))
			return -1;
	}
	if (pieces->len == whole)
		pieces->len = 0;
	return (int)used;
}

/* Bytes at the end of the piece that begin a character and do not end it. */
static unsigned count_begun(struct cor_str piece)
{
	for (unsigned n = 1; n <= 3 && n <= piece.len; n++) {
		unsigned char byte = (unsigned char)piece.data[piece.len - n];
		if (byte >= 0xc0)
			return sequence_bytes(byte) > n ? n : 0;
		if (byte < 0x80)
			return 0;
	}
	return 0;
}

bool cor_utf8_piece(struct cor_utf8_pieces *pieces, struct cor_str piece)
{
	if (pieces->len != 0) {
		int used = complete(pieces, piece);
		if (used < 0)
			return false;
		piece.data += used;
		piece.len -= (size_t)used;
	}
	if (piece.len == 0)
		return true;
	unsigned begun = count_begun(piece);
	piece.len -= begun;
	if (!cor_utf8_valid(piece))
		return false;
	if (begun != 0 && !may_begin(piece.data + piece.len, begun))
		return false;
	memcpy(pieces->begun, piece.data + piece.len, begun);
	pieces->len = (uint8_t)begun;
	return true;
}
