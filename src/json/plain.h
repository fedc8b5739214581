/* SPDX-License-Identifier: MIT */
/** Copying a text and looking for what JSON must escape, in one pass. */
#ifndef CORACLE_JSON_PLAIN_H
#define CORACLE_JSON_PLAIN_H

#include "base/words.h"
#include "json/scan.h"

#ifdef COR_VECTORS

/* 16 bytes and more. The last vector overlaps the one before it. */
static inline bool cor_json_copy_long(char *out, const char *at, size_t len)
{
	unsigned odd = cor_json_odd_bits(at + len - 16);

	for (size_t i = 0; i + 16 < len && odd == 0; i += 16) {
		odd = cor_json_odd_bits(at + i);
		memcpy(out + i, at + i, 16);
	}
	memcpy(out + len - 16, at + len - 16, 16);
	return odd == 0;
}

#else

static inline bool cor_json_copy_long(char *out, const char *at, size_t len)
{
	if (cor_json_scan_plain(at, at + len) != at + len)
		return false;
	memcpy(out, at, len);
	return true;
}

#endif

/**
 * Copy a text, which may be empty; whether all of it is plain (scan.h). Nothing outside of it is
 * read or written: the halves of short ones overlap.
 */
static inline bool cor_json_copy_plain(char *out, const char *at, size_t len)
{
	if (len >= 16)
		return cor_json_copy_long(out, at, len);
	if (len >= 8) {
		uint64_t head = cor_word_at(at), tail = cor_word_at(at + len - 8);
		memcpy(out, &head, 8);
		memcpy(out + len - 8, &tail, 8);
		return cor_json_are_plain(head, tail);
	}
	if (len >= 4) {
		uint32_t head = cor_half_at(at), tail = cor_half_at(at + len - 4);
		memcpy(out, &head, 4);
		memcpy(out + len - 4, &tail, 4);
		return cor_json_odd_bytes(head | (uint64_t)tail << 32) == 0;
	}
	bool plain = true;
	for (size_t i = 0; i < len; i++) {
		out[i] = at[i];
		plain &= cor_json_is_plain(at[i]);
	}
	return plain;
}

#endif
