/* SPDX-License-Identifier: MIT */
/** HMAC (RFC 2104). */
#ifndef CORACLE_CRYPTO_MAC_H
#define CORACLE_CRYPTO_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include <coracle/str.h>

/**
 * Compute it with the digest of that name ("SHA256"), which has `bytes` bytes; `hmac` is OpenSSL's
 * "HMAC", fetched once. Any thread. Returns false if memory has run out; OpenSSL's queue then has
 * more.
 */
bool cor_mac_compute(EVP_MAC *hmac, const char *digest, struct cor_str key, struct cor_str message,
	uint8_t *ret, size_t bytes);

#endif
