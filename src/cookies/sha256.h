/* SPDX-License-Identifier: MIT */
/**
 * SHA-256 (FIPS 180-4) of a short text of many random bytes: what a session is kept under, so that
 * services whose sessions are in a cache need no OpenSSL. It is not for passwords: their hashes
 * must be slow (password.h).
 */
#ifndef CORACLE_COOKIES_SHA256_H
#define CORACLE_COOKIES_SHA256_H

#include <stddef.h>

#define COR_SHA256_BYTES      32
#define COR_SHA256_TEXT_BYTES 119 /* two blocks with their end */

/** The digest of COR_SHA256_TEXT_BYTES at most. */
void cor_sha256(const char *text, size_t len, unsigned char ret[COR_SHA256_BYTES]);

#endif
