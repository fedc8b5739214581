/* SPDX-License-Identifier: MIT */
/** Tokens as a test wants them, also such as nobody should make. */
#ifndef CORACLE_TESTS_JWT_TOKEN_H
#define CORACLE_TESTS_JWT_TOKEN_H

#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <coracle/base64.h>
#include <coracle/context.h>
#include <coracle/str.h>

static inline const char *token_part(struct cor_ctx *ctx, struct cor_str bytes)
{
	char *text = cor_alloc(ctx, cor_base64url_text_bytes(bytes.len) + 1);

	if (!text)
		abort();
	cor_base64url_print(bytes, text);
	return text;
}

/** With whatever signature. */
static inline const char *token_of(
	struct cor_ctx *ctx, const char *header, const char *payload, struct cor_str signature)
{
	return cor_printf(ctx, "%s.%s.%s", token_part(ctx, cor_str(header)),
		token_part(ctx, cor_str(payload)), token_part(ctx, signature));
}

/** With HMAC and SHA-256, whatever the header says. */
static inline const char *token_by_secret(
	struct cor_ctx *ctx, struct cor_str secret, const char *header, const char *payload)
{
	const char *input = cor_printf(
		ctx, "%s.%s", token_part(ctx, cor_str(header)), token_part(ctx, cor_str(payload)));
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned len;

	if (!HMAC(EVP_sha256(), secret.data, (int)secret.len, (const unsigned char *)input,
		    strlen(input), mac, &len))
		abort();
	return cor_printf(
		ctx, "%s.%s", input, token_part(ctx, (struct cor_str){ (const char *)mac, len }));
}

static inline struct cor_str token_pem(struct cor_ctx *ctx, EVP_PKEY *key, int is_private)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;

	if (is_private ? PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1
		       : PEM_write_bio_PUBKEY(bio, key) != 1)
		abort();
	long len = BIO_get_mem_data(bio, &data);
	char *copy = cor_alloc(ctx, (size_t)len + 1);
	memcpy(copy, data, (size_t)len);
	BIO_free(bio);
	return (struct cor_str){ copy, (size_t)len };
}

#endif
