/* SPDX-License-Identifier: MIT */
/** What a set of seal keys holds. Private to the crypto folder. */
#ifndef CORACLE_CRYPTO_SEAL_KEYS_H
#define CORACLE_CRYPTO_SEAL_KEYS_H

#include <openssl/evp.h>

#include <coracle/sealing.h>

#define COR_SEAL_ID_BYTES  4
#define COR_SEAL_KEY_BYTES 32

/** What one secret comes to: all three by HKDF-SHA-256 (RFC 5869), each with an info of its own. */
struct cor_seal_key {
	uint8_t id[COR_SEAL_ID_BYTES]; /* what it has sealed names it so */
	uint8_t mac[COR_SEAL_KEY_BYTES];
	uint8_t cipher[COR_SEAL_KEY_BYTES];
};

struct cor_seal_keys {
	EVP_CIPHER *gcm;
	EVP_MAC *hmac;
	size_t len;
	struct cor_seal_key items[]; /* the newest first */
};

/** The key of that id; NULL: there is none. */
const struct cor_seal_key *cor_seal_keys_find(
	const struct cor_seal_keys *keys, const uint8_t id[COR_SEAL_ID_BYTES]);

#endif
