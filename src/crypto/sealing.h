/* SPDX-License-Identifier: MIT */
/**
 * What is behind cor_sealing of <coracle/sealing.h>: libcoracle seals cookies through this table
 * alone, and so does not link OpenSSL. The folder is a library of its own.
 */
#ifndef CORACLE_CRYPTO_SEALING_H
#define CORACLE_CRYPTO_SEALING_H

#include <coracle/sealing.h>

/* Of this header: raised with every change, so that halves do not meet. */
#define COR_SEALING_INTERFACE 1

/** Each function is that of sealing.h whose name says the same. */
struct cor_sealing {
	uint32_t interface; /* COR_SEALING_INTERFACE */
	int (*keys_create)(struct cor_ctx *ctx, const struct cor_str *secrets, size_t len,
		struct cor_seal_keys **ret);
	int (*keys_read)(struct cor_ctx *ctx, const char *path, struct cor_seal_keys **ret);
	void (*keys_destroy)(struct cor_seal_keys *keys);
	int (*seal_signed)(struct cor_ctx *ctx, const struct cor_seal_keys *keys,
		const char *purpose, struct cor_str value, struct cor_str *ret_text);
	int (*seal_encrypted)(struct cor_ctx *ctx, const struct cor_seal_keys *keys,
		const char *purpose, struct cor_str value, struct cor_str *ret_text);
	int (*unseal_signed)(struct cor_ctx *ctx, const struct cor_seal_keys *keys,
		const char *purpose, int64_t max_age_s, struct cor_str text,
		struct cor_unsealed *ret);
	int (*unseal_encrypted)(struct cor_ctx *ctx, const struct cor_seal_keys *keys,
		const char *purpose, int64_t max_age_s, struct cor_str text,
		struct cor_unsealed *ret);
	const char *(*strerror)(int code);
};

#endif
