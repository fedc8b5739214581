/* SPDX-License-Identifier: MIT */
#include "jwt/key.h"

#include <errno.h>
#include <stdarg.h>

#include <openssl/err.h>

#include <coracle/error.h>

#include "jwt/signature.h"

int cor_jwt_refuse(const struct cor_jwt_maker *maker, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *text = cor_arena_vprintf(cor_ctx_arena(maker->ctx), format, args);
	va_end(args);
	ERR_clear_error();
	if (!text)
		return -ENOMEM;
	return cor_problem(maker->ctx, 500, -EINVAL, "%s: %s", maker->where, text);
}

/* --- what a key is for --- */

/* Those whose hash is no longer than the secret: RFC 7518 section 3.2. */
static int judge_secret(const struct cor_jwt_maker *maker, struct cor_jwt_key *key)
{
	static const uint32_t all[] = { COR_JWT_HS256, COR_JWT_HS384, COR_JWT_HS512 };

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (key->secret.len >= cor_jwt_method_first(all[i])->hash_bytes)
			key->algorithms |= all[i];
	if (key->algorithms != 0)
		return 0;
	return cor_jwt_refuse(maker,
		"a secret of %zu bytes is too short, HS256 needs 32: make one with "
		"`openssl rand -base64 48`",
		key->secret.len);
}

static int judge_rsa(const struct cor_jwt_maker *maker, struct cor_jwt_key *key)
{
	int bits = EVP_PKEY_get_bits(key->pkey);

	if (bits < COR_JWT_RSA_BITS_MIN)
		return cor_jwt_refuse(maker,
			"an RSA key of %d bits is too small, %d are needed: make one with "
			"`openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072`",
			bits, COR_JWT_RSA_BITS_MIN);
	if (bits > COR_JWT_RSA_BITS_MAX)
		return cor_jwt_refuse(maker,
			"an RSA key of %d bits would keep the processor busy: make one of %d at "
			"most",
			bits, COR_JWT_RSA_BITS_MAX);
	key->family = COR_JWT_RSA;
	key->algorithms = COR_JWT_RS256 | COR_JWT_RS384 | COR_JWT_RS512 | COR_JWT_PS256 |
			  COR_JWT_PS384 | COR_JWT_PS512;
	return 0;
}

const struct cor_jwt_method *cor_jwt_curve_of(const EVP_PKEY *pkey)
{
	static const struct {
		const char *name; /* OpenSSL's */
		enum cor_jwt_algorithm algorithm;
	} curves[] = {
		{ "prime256v1", COR_JWT_ES256 },
		{ "P-256", COR_JWT_ES256 },
		{ "secp384r1", COR_JWT_ES384 },
		{ "P-384", COR_JWT_ES384 },
		{ "secp521r1", COR_JWT_ES512 },
		{ "P-521", COR_JWT_ES512 },
	};
	char name[64];
	size_t len;

	if (EVP_PKEY_get_group_name(pkey, name, sizeof name, &len) != 1)
		return NULL;
	for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
		if (strcmp(curves[i].name, name) == 0)
			return cor_jwt_method_of(curves[i].algorithm);
	return NULL;
}

static int judge_ec(const struct cor_jwt_maker *maker, struct cor_jwt_key *key)
{
	const struct cor_jwt_method *method = cor_jwt_curve_of(key->pkey);

	if (!method)
		return cor_jwt_refuse(maker,
			"its curve is not P-256, P-384 or P-521: make one with "
			"`openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`");
	key->family = COR_JWT_EC;
	key->algorithms = method->algorithm;
	return 0;
}

static int judge_pkey(const struct cor_jwt_maker *maker, struct cor_jwt_key *key)
{
	switch (EVP_PKEY_get_base_id(key->pkey)) {
	case EVP_PKEY_RSA:
		return judge_rsa(maker, key);
	case EVP_PKEY_EC:
		return judge_ec(maker, key);
	case EVP_PKEY_ED25519:
	case EVP_PKEY_ED448:
		key->family = COR_JWT_ED;
		key->algorithms = COR_JWT_EDDSA;
		return 0;
	case EVP_PKEY_RSA_PSS:
		return cor_jwt_refuse(maker,
			"it is for RSA-PSS with parameters of its own: convert it to a plain RSA "
			"key, which does for PS256, too");
	default:
		return cor_jwt_refuse(
			maker, "it is neither RSA, EC (P-256, P-384, P-521), Ed25519 nor Ed448");
	}
}

/* A point that is not on its curve, an even modulus ... */
static int check_numbers(const struct cor_jwt_maker *maker, const struct cor_jwt_key *key)
{
	EVP_PKEY_CTX *check = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	int is_right = check ? EVP_PKEY_public_check(check) : -1;

	EVP_PKEY_CTX_free(check);
	if (!check)
		return -ENOMEM;
	return is_right == 1 ? 0
			     : cor_jwt_refuse(maker, "the key is broken: its numbers cannot be "
						     "those of a key");
}

/* What the source or the JWK asks for: all of it, or what fits. */
static int narrow(const struct cor_jwt_maker *maker, uint32_t wanted, struct cor_jwt_key *key)
{
	uint32_t fit = key->algorithms & wanted;

	if (wanted == 0)
		return 0;
	if (fit == 0)
		return cor_jwt_refuse(maker, "the key is for %s, not for %s",
			cor_jwt_names(maker->ctx, key->algorithms),
			cor_jwt_names(maker->ctx, wanted));
	key->algorithms = fit;
	return 0;
}

/* Its two halves belong together if what the one signs is by the other. */
static int try_it(const struct cor_jwt_maker *maker, const struct cor_jwt_key *key)
{
	const struct cor_jwt_method *method = cor_jwt_method_first(key->algorithms);
	struct cor_str signature, input = COR_STR("trial");

	if (!key->signs || key->family == COR_JWT_HMAC)
		return 0;
	int rc = cor_jwt_signature_make(maker->ctx, maker->keys, key, method, input, &signature);
	if (rc == 0)
		rc = cor_jwt_signature_check(maker->keys, key, method, input, signature);
	return rc == 0 || rc == -ENOMEM
		       ? rc
		       : cor_jwt_refuse(maker, "the private half of the key is not that of its "
					       "public half");
}

static int judge(const struct cor_jwt_maker *maker, struct cor_jwt_key *key)
{
	uint32_t named = key->algorithms;

	key->algorithms = 0;
	int rc = key->pkey ? judge_pkey(maker, key) : judge_secret(maker, key);
	if (rc == 0 && key->pkey)
		rc = check_numbers(maker, key);
	if (rc == 0)
		rc = narrow(maker, named, key);
	if (rc == 0)
		rc = narrow(maker, maker->source->algorithms, key);
	return rc < 0 ? rc : try_it(maker, key);
}

/* --- the set --- */

static struct cor_jwt_key *copy(struct cor_arena *arena, const struct cor_jwt_key *key)
{
	struct cor_jwt_key *made = cor_arena_alloc(arena, sizeof *made);

	if (!made)
		return NULL;
	*made = *key;
	made->next = NULL;
	if (key->kid)
		made->kid = cor_arena_strdup(arena, key->kid);
	if (key->secret.data)
		made->secret.data = cor_arena_copy(arena, key->secret.data, key->secret.len);
	bool works = (!key->kid || made->kid) && (!key->secret.data || made->secret.data);
	return works ? made : NULL;
}

int cor_jwt_key_add(const struct cor_jwt_maker *maker, const struct cor_jwt_key *key)
{
	struct cor_jwt_keys *keys = maker->keys;
	struct cor_jwt_key judged = *key;
	int rc = judge(maker, &judged);

	if (rc < 0)
		return rc;
	if (keys->len == COR_JWT_KEYS_MAX)
		return cor_jwt_refuse(maker, "there are more than %d keys", COR_JWT_KEYS_MAX);
	struct cor_jwt_key *made = copy(&keys->arena, &judged);
	if (!made)
		return -ENOMEM;
	*keys->end = made;
	keys->end = &made->next;
	keys->len++;
	return 0;
}

void cor_jwt_key_finish(struct cor_jwt_key *key)
{
	EVP_PKEY_free(key->pkey);
	if (key->secret.data)
		OPENSSL_cleanse((void *)(uintptr_t)key->secret.data, key->secret.len);
}
