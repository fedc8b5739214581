/* SPDX-License-Identifier: MIT */
/**
 * Sixteen bytes at once, on machines that have such registers: SSE2 and NEON. COR_VECTORS says
 * whether this one has. Each use has a way in plain C beside it, which is the reference of the
 * tests; COR_NO_VECTORS, defined for the compiler, leaves only that.
 */
#ifndef CORACLE_BASE_VECTOR_H
#define CORACLE_BASE_VECTOR_H

#include <stdint.h>
#include <string.h>

#if !defined(COR_NO_VECTORS) && defined(__SSE2__)
#define COR_VECTORS 1
#include <emmintrin.h>
#elif !defined(COR_NO_VECTORS) && defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define COR_VECTORS 1
#include <arm_neon.h>
#endif

#ifdef COR_VECTORS

/** Signed: a byte above 0x7f is negative. Operators work on each byte; comparing gives -1 or 0. */
typedef int8_t cor_vector __attribute__((vector_size(16)));
typedef uint8_t cor_unsigned_vector __attribute__((vector_size(16)));
typedef uint64_t cor_word_vector __attribute__((vector_size(16)));

static inline cor_vector cor_vector_at(const char *at)
{
	cor_vector bytes;

	memcpy(&bytes, at, sizeof bytes);
	return bytes;
}

/** The same byte sixteen times. */
static inline cor_vector cor_vector_each(char byte)
{
	return (cor_vector){ 0 } + (signed char)byte;
}

/** A bit for each byte of what a comparison gave, that of the first one lowest. */
static inline unsigned cor_vector_bits(cor_vector truth)
{
#ifdef __SSE2__
	return (unsigned)_mm_movemask_epi8((__m128i)truth);
#else
	const uint8x16_t bits = { 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128 };
	uint8x16_t set = vandq_u8((uint8x16_t)truth, bits);

	return vaddv_u8(vget_low_u8(set)) | (unsigned)vaddv_u8(vget_high_u8(set)) << 8;
#endif
}

#endif
#endif
