/* SPDX-License-Identifier: MIT */
/**
 * Finding the end of a line, of a name and of a path, sixteen or eight bytes at a time.
 */
#ifndef CORACLE_HTTP_SCAN_H
#define CORACLE_HTTP_SCAN_H

#include <stdint.h>
#include <string.h>

#include "base/compiler.h"
#include "base/vector.h"
#include "http/fold.h"

static inline const char *cor_scan_bytes(const char *at, const char *end)
{
	while (at < end && ((unsigned char)*at >= 0x20 || *at == '\t') && *at != 0x7f)
		at++;
	return at;
}

/** Whether one of eight bytes is a control; a tab may count as one. */
static inline int cor_scan_suspects(const char *at)
{
	uint64_t word, del;

	memcpy(&word, at, sizeof word);
	del = word ^ COR_EACH_BYTE(0x7f);
	uint64_t low = (word - COR_EACH_BYTE(0x20)) & ~word;
	uint64_t zero = (del - COR_EACH_BYTE(1)) & ~del;
	return ((low | zero) & COR_EACH_BYTE(0x80)) != 0;
}

/** cor_scan_line() of up to fifteen bytes: two words that overlap in the middle. */
static inline const char *cor_scan_short(const char *at, const char *end)
{
	if (end - at >= 8 && !cor_scan_suspects(at) && !cor_scan_suspects(end - 8))
		return end;
	return cor_scan_bytes(at, end);
}

/*
 * cor_scan_line(): the first byte from `at` on that no line may hold (a control other than a tab,
 * so CR and LF too), or `end`. Bytes from `begin` on may be read.
 */
#ifdef COR_VECTORS

/** One bit for each of sixteen bytes that no line may hold. */
static inline unsigned cor_scan_stops(const char *at)
{
	const cor_vector bytes = cor_vector_at(at);
	cor_vector low = (cor_vector)((cor_unsigned_vector)bytes < 0x20);

	return cor_vector_bits(
		(low & (bytes != cor_vector_each('\t'))) | (bytes == cor_vector_each(0x7f)));
}

static inline const char *cor_scan_line(const char *begin, const char *at, const char *end)
{
	for (; end - at >= 16; at += 16) {
		unsigned stops = cor_scan_stops(at);
		if (stops != 0)
			return at + __builtin_ctz(stops);
	}
	if (COR_UNLIKELY(end - begin < 16))
		return cor_scan_short(at, end);
	if (at == end)
		return end;
	/* the last sixteen bytes, of which the first ones have been seen already */
	unsigned stops = cor_scan_stops(end - 16) >> (16 - (end - at));
	return stops != 0 ? at + __builtin_ctz(stops) : end;
}

/** How many of the sixteen bytes at `at` come before the first colon; 16: there is none. */
static inline unsigned cor_scan_colon(const char *at)
{
	unsigned colons = cor_vector_bits(cor_vector_at(at) == cor_vector_each(':'));

	return (unsigned)__builtin_ctz(colons | 0x10000);
}

/** How many of the sixteen bytes at `at` come before one that is no letter, digit or of "/.-". */
static inline unsigned cor_scan_plain(const char *at)
{
	const cor_unsigned_vector bytes = (cor_unsigned_vector)cor_vector_at(at);
	cor_unsigned_vector letter = (bytes | 0x20) - 'a', other = bytes - '-';
	cor_vector plain = (cor_vector)((letter <= 'z' - 'a') | (other <= '9' - '-'));

	return (unsigned)__builtin_ctz(~cor_vector_bits(plain));
}

#else

static inline unsigned cor_scan_colon(const char *at)
{
	unsigned len = 0;

	while (len < 16 && at[len] != ':')
		len++;
	return len;
}

/** Looking at them here gains nothing: the table says it byte by byte. */
static inline unsigned cor_scan_plain(const char *at)
{
	(void)at;
	return 0;
}

static inline const char *cor_scan_line(const char *begin, const char *at, const char *end)
{
	(void)begin;
	while (end - at >= 8 && !cor_scan_suspects(at))
		at += 8;
	return cor_scan_bytes(at, end);
}

#endif
#endif
