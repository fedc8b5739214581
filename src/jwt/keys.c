/* SPDX-License-Identifier: MIT */
#include <coracle/jwt.h>

#include <errno.h>
#include <stdlib.h>

#include <openssl/err.h>

#include <coracle/error.h>

#include "crypto/key_file.h"
#include "jwt/jwk.h"
#include "jwt/key.h"
#include "jwt/pem.h"

static bool begins_with(struct cor_str text, const char *words)
{
	return text.len >= strlen(words) && memcmp(text.data, words, strlen(words)) == 0;
}

static struct cor_str without_blanks(struct cor_str text)
{
	while (text.len != 0 && memchr(" \t\r\n", text.data[0], 4))
		text = (struct cor_str){ text.data + 1, text.len - 1 };
	return text;
}

/* A JWK is text with names in it. Of secrets that are random bytes one in 256 begins with '{'. */
static bool is_json(struct cor_str secret)
{
	struct cor_str text = without_blanks(secret);

	if (!begins_with(text, "{"))
		return false;
	text = without_blanks((struct cor_str){ text.data + 1, text.len - 1 });
	for (size_t i = 0; i < secret.len; i++)
		if ((unsigned char)secret.data[i] < ' ' && !memchr("\t\r\n", secret.data[i], 3))
			return false;
	return begins_with(text, "\"");
}

/* Whoever knows a public key could sign with it, if it were taken for a secret. */
static bool is_a_key(struct cor_str secret)
{
	static const char *const beginnings[] = { "ssh-", "ecdsa-sha2-" };
	struct cor_str text = without_blanks(secret);

	for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
		if (begins_with(text, beginnings[i]))
			return true;
	return is_json(secret) || cor_jwt_is_pem(secret) || cor_jwt_is_der(secret);
}

static int add_secret(const struct cor_jwt_maker *maker, struct cor_str secret)
{
	const struct cor_jwt_key key = {
		.kid = maker->source->kid,
		.family = COR_JWT_HMAC,
		.verifies = true,
		.signs = true,
		.secret = secret,
	};

	if (is_a_key(secret))
		return cor_jwt_refuse(maker,
			"it is no secret but a key in PEM, DER, JSON or of SSH: give PEM and JWK "
			"as .text or .path");
	return cor_jwt_key_add(maker, &key);
}

static int add_text(const struct cor_jwt_maker *maker, struct cor_str text)
{
	if (begins_with(without_blanks(text), "{"))
		return cor_jwt_jwk_add(maker, text);
	if (cor_jwt_is_pem(text))
		return cor_jwt_pem_add(maker, text);
	return cor_jwt_refuse(maker,
		"it is neither PEM nor a JWK or a JWK set: a secret is given as .secret or "
		".secret_path");
}

static struct cor_str without_line_end(struct cor_str text)
{
	if (text.len != 0 && text.data[text.len - 1] == '\n')
		text.len--;
	if (text.len != 0 && text.data[text.len - 1] == '\r')
		text.len--;
	return text;
}

static int add_file(const struct cor_jwt_maker *maker)
{
	const struct cor_jwt_source *source = maker->source;
	struct cor_key_file file = { 0 };
	int rc = cor_key_file_read(maker->ctx, maker->where, &file);

	if (rc < 0)
		return rc;
	rc = source->path ? add_text(maker, file.text)
			  : add_secret(maker, without_line_end(file.text));
	cor_key_file_close(&file);
	return rc;
}

static int add_source(struct cor_jwt_maker *maker, size_t number)
{
	const struct cor_jwt_source *source = maker->source;
	int given = (source->secret.data != NULL) + (source->secret_path != NULL) +
		    (source->text.data != NULL) + (source->path != NULL);

	maker->where = source->path ? source->path : source->secret_path;
	if (!maker->where)
		maker->where = cor_printf(maker->ctx, "key source %zu", number);
	if (!maker->where)
		return -ENOMEM;
	if (given != 1)
		return cor_jwt_refuse(
			maker, "give one of .secret, .secret_path, .text and .path, not %d", given);
	if (source->secret.data)
		return add_secret(maker, source->secret);
	return source->text.data ? add_text(maker, source->text) : add_file(maker);
}

static int add_all(struct cor_ctx *ctx, const struct cor_jwt_source *sources, size_t len,
	struct cor_jwt_keys *keys)
{
	struct cor_jwt_maker maker = { .ctx = ctx, .keys = keys, .where = "token keys" };
	int rc = 0;

	keys->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (!keys->hmac)
		return -ENOMEM;
	if (len == 0)
		return cor_jwt_refuse(&maker, "there is no source of keys");
	for (size_t i = 0; rc == 0 && i < len; i++) {
		maker.source = &sources[i];
		rc = add_source(&maker, i + 1);
	}
	return rc;
}

int cor_jwt_keys_create(struct cor_ctx *ctx, const struct cor_jwt_source *sources, size_t len,
	struct cor_jwt_keys **ret)
{
	struct cor_jwt_keys *keys = calloc(1, sizeof *keys);

	if (!keys)
		return -ENOMEM;
	cor_arena_init(&keys->arena, NULL, 0, 0);
	keys->end = &keys->first;
	int rc = add_all(ctx, sources, len, keys);
	ERR_clear_error();
	if (rc == 0)
		*ret = keys;
	else
		cor_jwt_keys_destroy(keys);
	return rc;
}

void cor_jwt_keys_destroy(struct cor_jwt_keys *keys)
{
	if (!keys)
		return;
	for (struct cor_jwt_key *key = keys->first; key; key = key->next)
		cor_jwt_key_finish(key);
	EVP_MAC_free(keys->hmac);
	cor_arena_finish(&keys->arena);
	free(keys);
}
