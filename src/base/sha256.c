/* SPDX-License-Identifier: MIT */
#include "base/sha256.h"

#include <string.h>

/* FIPS 180-4 section 4.2.2: of the cube roots of the first 64 primes. */
static const uint32_t constants[64] = { 0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b,
	0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6,
	0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d,
	0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
	0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585,
	0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa,
	0xa4506ceb, 0xbef9a3f7, 0xc67178f2 };

static uint32_t rotate(uint32_t word, unsigned by)
{
	return word >> by | word << (32 - by);
}

static uint32_t read_word(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void write_word(unsigned char *at, uint32_t word)
{
	for (int i = 3; i >= 0; i--, word >>= 8)
		at[i] = (unsigned char)word;
}

static void expand(const unsigned char *block, uint32_t words[64])
{
	for (size_t i = 0; i < 16; i++)
		words[i] = read_word(block + 4 * i);
	for (size_t i = 16; i < 64; i++) {
		uint32_t a = words[i - 15], b = words[i - 2];
		words[i] = words[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + words[i - 7] +
			   (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
}

/* Eight rounds, so that no word need move: which one is which moves instead. */
#define ROUND(a, b, c, d, e, f, g, h, i)                                                           \
	do {                                                                                       \
		uint32_t t = (h) + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +                \
			     (((e) & (f)) ^ (~(e) & (g))) + constants[i] + words[i];               \
		(d) += t;                                                                          \
		(h) = t + (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +                         \
		      (((a) & (b)) ^ ((a) & (c)) ^ ((b) & (c)));                                   \
	} while (0)

static void take_block(struct cor_sha256 *hash, const unsigned char *block)
{
	const uint32_t *s = hash->state;
	uint32_t a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
	uint32_t words[64];

	expand(block, words);
	for (size_t i = 0; i < 64; i += 8) {
		ROUND(a, b, c, d, e, f, g, h, i);
		ROUND(h, a, b, c, d, e, f, g, i + 1);
		ROUND(g, h, a, b, c, d, e, f, i + 2);
		ROUND(f, g, h, a, b, c, d, e, i + 3);
		ROUND(e, f, g, h, a, b, c, d, i + 4);
		ROUND(d, e, f, g, h, a, b, c, i + 5);
		ROUND(c, d, e, f, g, h, a, b, i + 6);
		ROUND(b, c, d, e, f, g, h, a, i + 7);
	}
	const uint32_t more[8] = { a, b, c, d, e, f, g, h };
	for (size_t i = 0; i < 8; i++)
		hash->state[i] += more[i];
}

void cor_sha256_begin(struct cor_sha256 *hash)
{
	static const uint32_t first[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	memcpy(hash->state, first, sizeof first);
	hash->bytes = 0;
}

void cor_sha256_add(struct cor_sha256 *hash, const void *data, size_t bytes)
{
	const unsigned char *at = data;

	while (bytes) {
		size_t filled = hash->bytes % sizeof hash->block;
		size_t n = sizeof hash->block - filled;
		n = n < bytes ? n : bytes;
		memcpy(hash->block + filled, at, n);
		hash->bytes += n;
		at += n;
		bytes -= n;
		if (filled + n == sizeof hash->block)
			take_block(hash, hash->block);
	}
}

void cor_sha256_end(struct cor_sha256 *hash, unsigned char digest[COR_SHA256_BYTES])
{
	static const unsigned char padding[64] = { 0x80 };
	uint64_t bits = hash->bytes * 8;
	size_t filled = hash->bytes % sizeof hash->block;
	unsigned char length[8];

	write_word(length, (uint32_t)(bits >> 32));
	write_word(length + 4, (uint32_t)bits);
	cor_sha256_add(hash, padding, (filled < 56 ? 56 : 120) - filled);
	cor_sha256_add(hash, length, sizeof length);
	for (size_t i = 0; i < 8; i++)
		write_word(digest + 4 * i, hash->state[i]);
}
