/* SPDX-License-Identifier: MIT */
#include "crypto/hashing.h"

#include <errno.h>

#include <openssl/err.h>
#include <openssl/evp.h>

static int hash(enum cor_hash kind, struct cor_str message, char ret[COR_HASH_TEXT_BYTES])
{
	static const char *const names[] = { "MD5", "SHA2-256", "SHA2-512/256" };
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[COR_HASH_TEXT_BYTES / 2];
	size_t len = 0;

	ERR_clear_error();
	if (EVP_Q_digest(NULL, names[kind], NULL, message.data ? message.data : "", message.len,
		    bytes, &len) != 1) {
		ERR_clear_error();
		return -ENOTSUP;
	}
	for (size_t i = 0; i < len; i++) {
		ret[2 * i] = digits[bytes[i] >> 4];
		ret[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret[2 * len] = '\0';
	return 0;
}

const struct cor_hashing cor_hashing = { .interface = COR_HASHING_INTERFACE, .hash = hash };
