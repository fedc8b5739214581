/* SPDX-License-Identifier: MIT */
#include "cookies/sha256.h"

#include <stdint.h>
#include <string.h>

#define BLOCK_BYTES 64
#define ROUNDS      64

/* FIPS 180-4 section 4.2.2: of the cube roots of the first primes. */
static const uint32_t constants[ROUNDS] = {
	0x428a2f98,
	0x71374491,
	0xb5c0fbcf,
	0xe9b5dba5,
	0x3956c25b,
	0x59f111f1,
	0x923f82a4,
	0xab1c5ed5,
	0xd807aa98,
	0x12835b01,
	0x243185be,
	0x550c7dc3,
	0x72be5d74,
	0x80deb1fe,
	0x9bdc06a7,
	0xc19bf174,
	0xe49b69c1,
	0xefbe4786,
	0x0fc19dc6,
	0x240ca1cc,
	0x2de92c6f,
	0x4a7484aa,
	0x5cb0a9dc,
	0x76f988da,
	0x983e5152,
	0xa831c66d,
	0xb00327c8,
	0xbf597fc7,
	0xc6e00bf3,
	0xd5a79147,
	0x06ca6351,
	0x14292967,
	0x27b70a85,
	0x2e1b2138,
	0x4d2c6dfc,
	0x53380d13,
	0x650a7354,
	0x766a0abb,
	0x81c2c92e,
	0x92722c85,
	0xa2bfe8a1,
	0xa81a664b,
	0xc24b8b70,
	0xc76c51a3,
	0xd192e819,
	0xd6990624,
	0xf40e3585,
	0x106aa070,
	0x19a4c116,
	0x1e376c08,
	0x2748774c,
	0x34b0bcb5,
	0x391c0cb3,
	0x4ed8aa4a,
	0x5b9cca4f,
	0x682e6ff3,
	0x748f82ee,
	0x78a5636f,
	0x84c87814,
	0x8cc70208,
	0x90befffa,
	0xa4506ceb,
	0xbef9a3f7,
	0xc67178f2,
};

static uint32_t rotate(uint32_t word, int bits)
{
	return word >> bits | word << (32 - bits);
}

static uint32_t read_word(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

/* Section 6.2.2, step 1. */
static void expand(const unsigned char *block, uint32_t words[ROUNDS])
{
	for (int t = 0; t < 16; t++)
		words[t] = read_word(block + 4 * (size_t)t);
	for (int t = 16; t < ROUNDS; t++) {
		uint32_t a = words[t - 15], b = words[t - 2];

		words[t] = words[t - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + words[t - 7] +
			   (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
}

/* Step 3; `s` is a to h. */
static void round_of(uint32_t s[8], uint32_t word, uint32_t constant)
{
	uint32_t a = s[0], e = s[4];
	uint32_t first = s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
			 ((e & s[5]) ^ (~e & s[6])) + constant + word;
	uint32_t second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
			  ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));

	memmove(&s[1], &s[0], 7 * sizeof s[0]);
	s[4] += first;
	s[0] = first + second;
}

static void add_block(uint32_t state[8], const unsigned char *block)
{
	uint32_t words[ROUNDS], s[8];

	expand(block, words);
	memcpy(s, state, sizeof s);
	for (int t = 0; t < ROUNDS; t++)
		round_of(s, words[t], constants[t]);
	for (int i = 0; i < 8; i++)
		state[i] += s[i];
}

void cor_sha256(const char *text, size_t len, unsigned char ret[COR_SHA256_BYTES])
{
	uint32_t state[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
		0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	unsigned char blocks[2 * BLOCK_BYTES] = { 0 };
	size_t used = len + 9 <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES;

	memcpy(blocks, text, len);
	blocks[len] = 0x80;
	blocks[used - 2] = (unsigned char)(len * 8 >> 8);
	blocks[used - 1] = (unsigned char)(len * 8);
	for (size_t at = 0; at < used; at += BLOCK_BYTES)
		add_block(state, blocks + at);
	for (int i = 0; i < COR_SHA256_BYTES; i++)
		ret[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
}
