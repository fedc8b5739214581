/* SPDX-License-Identifier: MIT */
/**
 * Finding the end of a run of text that needs no attention in a JSON string (RFC 8259, section 7).
 *
 * A byte is plain if it is ASCII, no control character, and neither '"' nor '\'.
 */
#ifndef CORACLE_JSON_SCAN_H
#define CORACLE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "base/vector.h"

static inline bool cor_json_is_plain(char byte)
{
	return (signed char)byte >= 0x20 && byte != '"' && byte != '\\';
}

#define COR_JSON_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/**
 * The highest bit of each byte that is not plain (and perhaps of bytes above the first such one).
 */
static inline uint64_t cor_json_odd_bytes(uint64_t word)
{
	uint64_t quote = word ^ COR_JSON_EACH('"');
	uint64_t backslash = word ^ COR_JSON_EACH('\\');

	/*
	 * x - n borrows into the highest bit where a byte is less than n; the first such byte is
	 * told rightly.
	 */
	return ((word - COR_JSON_EACH(0x20)) | (quote - COR_JSON_EACH(1)) |
		       (backslash - COR_JSON_EACH(1)) | word) &
	       COR_JSON_EACH(0x80);
}

#ifdef COR_VECTORS
/** A bit for each of sixteen bytes that is not plain. */
static inline unsigned cor_json_odd_bits_of(cor_vector block)
{
	/* Signed: what is above 0x7f is negative, hence below 0x20 too. */
	return cor_vector_bits((block < cor_vector_each(0x20)) | (block == cor_vector_each('"')) |
			       (block == cor_vector_each('\\')));
}

static inline unsigned cor_json_odd_bits(const char *at)
{
	return cor_json_odd_bits_of(cor_vector_at(at));
}

/** Whether all bytes of two words are plain. */
static inline bool cor_json_are_plain(uint64_t a, uint64_t b)
{
	return cor_json_odd_bits_of((cor_vector)(cor_word_vector){ a, b }) == 0;
}
#else
static inline bool cor_json_are_plain(uint64_t a, uint64_t b)
{
	return (cor_json_odd_bytes(a) | cor_json_odd_bytes(b)) == 0;
}
#endif

/** The first byte that is not plain, or `end`. */
static inline const char *cor_json_scan_plain(const char *at, const char *end)
{
#ifdef COR_VECTORS
	while (end - at >= 16) {
		unsigned odd = cor_json_odd_bits(at);
		if (odd != 0)
			return at + __builtin_ctz(odd);
		at += 16;
	}
#elif __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	while (end - at >= 8) {
		uint64_t word;
		memcpy(&word, at, sizeof word);
		uint64_t odd = cor_json_odd_bytes(word);
		if (odd != 0)
			return at + (__builtin_ctzll(odd) >> 3);
		at += 8;
	}
#endif
	while (at < end && cor_json_is_plain(*at))
		at++;
	return at;
}

/** The same, but well-formed UTF-8 is passed over as well. */
static inline const char *cor_json_scan_text(const char *at, const char *end)
{
	at = cor_json_scan_plain(at, end);
	while (at < end && (unsigned char)*at >= 0x80) {
		unsigned len = cor_utf8_sequence(at, end);
		if (len == 0)
			return at;
		at += len;
		if (at < end && (unsigned char)*at < 0x80)
			at = cor_json_scan_plain(at, end);
	}
	return at;
}

#endif
