/* SPDX-License-Identifier: MIT */
#include <coracle/jwt.h>

#include <errno.h>

#include <openssl/core_names.h>
#include <openssl/err.h>

#include <coracle/base64.h>
#include <coracle/json_node.h>

#include "jwt/key.h"

#define NUMBER_BYTES_MAX (COR_JWT_RSA_BITS_MAX / 8)

/** A JWK while it is written. The first failure, which is always one of memory, is kept. */
struct writer {
	struct cor_arena *arena;
	struct cor_node *jwk;
	bool is_short;
};

static void put(struct writer *writer, const char *name, struct cor_node *value)
{
	if (!value || cor_node_set(writer->arena, writer->jwk, name, value) < 0)
		writer->is_short = true;
}

static void put_text(struct writer *writer, const char *name, const char *text)
{
	put(writer, name, cor_node_string(writer->arena, text));
}

static void put_bytes(struct writer *writer, const char *name, const uint8_t *bytes, size_t len)
{
	char text[NUMBER_BYTES_MAX / 3 * 4 + 4];

	cor_base64url_print((struct cor_str){ (const char *)bytes, len }, text);
	put(writer, name,
		cor_node_text(
			writer->arena, (struct cor_str){ text, cor_base64url_text_bytes(len) }));
}

/* With leading zeros up to `bytes`; 0: without. */
static void put_number(struct writer *writer, const EVP_PKEY *pkey, const char *name,
	const char *parameter, size_t bytes)
{
	uint8_t room[NUMBER_BYTES_MAX];
	BIGNUM *number = NULL;

	if (EVP_PKEY_get_bn_param(pkey, parameter, &number) != 1) {
		writer->is_short = true;
		return;
	}
	bytes = bytes != 0 ? bytes : (size_t)BN_num_bytes(number);
	if (bytes <= sizeof room && BN_bn2binpad(number, room, (int)bytes) == (int)bytes)
		put_bytes(writer, name, room, bytes);
	BN_free(number);
}

static void put_ed(struct writer *writer, const EVP_PKEY *pkey)
{
	bool is_448 = EVP_PKEY_get_base_id(pkey) == EVP_PKEY_ED448;
	uint8_t room[64];
	size_t len = sizeof room;

	put_text(writer, "kty", "OKP");
	put_text(writer, "crv", is_448 ? "Ed448" : "Ed25519");
	if (EVP_PKEY_get_raw_public_key(pkey, room, &len) == 1)
		put_bytes(writer, "x", room, len);
	else
		writer->is_short = true;
}

static void put_numbers(struct writer *writer, const struct cor_jwt_key *key)
{
	const struct cor_jwt_method *method = cor_jwt_method_first(key->algorithms);

	if (key->family == COR_JWT_RSA) {
		put_text(writer, "kty", "RSA");
		put_number(writer, key->pkey, "n", OSSL_PKEY_PARAM_RSA_N, 0);
		put_number(writer, key->pkey, "e", OSSL_PKEY_PARAM_RSA_E, 0);
	} else if (key->family == COR_JWT_EC) {
		put_text(writer, "kty", "EC");
		put_text(writer, "crv", method->curve);
		put_number(writer, key->pkey, "x", OSSL_PKEY_PARAM_EC_PUB_X, method->size_bytes);
		put_number(writer, key->pkey, "y", OSSL_PKEY_PARAM_EC_PUB_Y, method->size_bytes);
	} else {
		put_ed(writer, key->pkey);
	}
}

static int add(struct cor_arena *arena, struct cor_node *items, const struct cor_jwt_key *key)
{
	struct writer writer = { .arena = arena, .jwk = cor_node_object(arena) };
	const struct cor_jwt_method *method = cor_jwt_method_first(key->algorithms);

	if (!writer.jwk)
		return -ENOMEM;
	put_numbers(&writer, key);
	put_text(&writer, "use", "sig");
	if (key->algorithms == (uint32_t)method->algorithm)
		put_text(&writer, "alg", method->name);
	if (key->kid)
		put_text(&writer, "kid", key->kid);
	return writer.is_short ? -ENOMEM : cor_node_append(arena, items, writer.jwk);
}

int cor_jwt_keys_print(struct cor_ctx *ctx, const struct cor_jwt_keys *keys, struct cor_json *ret)
{
	struct cor_arena *arena = cor_ctx_arena(ctx);
	struct cor_node *set = cor_node_object(arena), *items = cor_node_array(arena);

	if (!set || !items)
		return -ENOMEM;
	int rc = cor_node_set(arena, set, "keys", items);
	for (const struct cor_jwt_key *key = keys->first; rc == 0 && key; key = key->next)
		if (key->family != COR_JWT_HMAC)
			rc = add(arena, items, key);
	ERR_clear_error();
	return rc < 0 ? rc : cor_node_print(arena, set, &ret->text);
}
