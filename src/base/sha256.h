/* SPDX-License-Identifier: MIT */
/**
 * SHA-256 (FIPS 180-4): for names that nobody must be able to make twice, or to guess from what is
 * kept under them. Of our own, so that caches of calls and of sessions need no OpenSSL; what needs
 * speed, or keeps passwords, is in libcoracle-crypto. Nothing here yields.
 *
 *     struct cor_sha256 hash;
 *     cor_sha256_begin(&hash);
 *     cor_sha256_add(&hash, data, bytes);
 *     cor_sha256_end(&hash, digest);
 */
#ifndef CORACLE_BASE_SHA256_H
#define CORACLE_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define COR_SHA256_BYTES 32

struct cor_sha256 {
	uint32_t state[8];
	uint64_t bytes; /* so far */
	unsigned char block[64];
};

void cor_sha256_begin(struct cor_sha256 *hash);
void cor_sha256_add(struct cor_sha256 *hash, const void *data, size_t bytes);
void cor_sha256_end(struct cor_sha256 *hash, unsigned char digest[COR_SHA256_BYTES]);

#endif
