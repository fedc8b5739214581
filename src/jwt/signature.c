/* SPDX-License-Identifier: MIT */
#include "jwt/signature.h"

#include <errno.h>

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "crypto/mac.h"

#define HASH_BYTES_MAX 64
#define DER_BYTES_MAX  160 /* of two numbers of P-521 */

static const uint8_t *bytes_of(struct cor_str str)
{
	return (const uint8_t *)str.data;
}

/*
 * A failure for want of memory is no verdict on a signature. It is the first of several errors:
 * each layer adds its own. Empties the queue.
 */
static bool is_short_of_memory(void)
{
	bool is_short = false;

	for (unsigned long code; (code = ERR_get_error()) != 0;)
		is_short |= ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
	return is_short;
}

/* --- HMAC --- */

static int check_hmac(const struct cor_jwt_keys *keys, const struct cor_jwt_key *key,
	const struct cor_jwt_method *method, struct cor_str input, struct cor_str signature)
{
	uint8_t wanted[HASH_BYTES_MAX];

	if (!cor_mac_compute(
		    keys->hmac, method->digest, key->secret, input, wanted, method->hash_bytes))
		return -ENOMEM;
	if (signature.len != method->hash_bytes)
		return -EKEYREJECTED;
	return CRYPTO_memcmp(wanted, signature.data, signature.len) == 0 ? 0 : -EKEYREJECTED;
}

static int make_hmac(struct cor_ctx *ctx, const struct cor_jwt_keys *keys,
	const struct cor_jwt_key *key, const struct cor_jwt_method *method, struct cor_str input,
	struct cor_str *ret)
{
	uint8_t *made = cor_alloc(ctx, method->hash_bytes);

	if (!made || !cor_mac_compute(keys->hmac, method->digest, key->secret, input, made,
			     method->hash_bytes))
		return -ENOMEM;
	*ret = (struct cor_str){ (const char *)made, method->hash_bytes };
	return 0;
}

/* --- the two forms of ECDSA: r and s of equal length (JWS), and as ASN.1 (OpenSSL) --- */

/* Returns the length; 0: memory has run out. */
static size_t der_of(struct cor_str raw, uint8_t ret[DER_BYTES_MAX])
{
	int half = (int)(raw.len / 2), len = 0;
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(bytes_of(raw), half, NULL);
	BIGNUM *s = BN_bin2bn(bytes_of(raw) + half, half, NULL);

	if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
		r = s = NULL; /* they are the pair's */
		len = i2d_ECDSA_SIG(pair, &ret);
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(pair);
	return len > 0 ? (size_t)len : 0;
}

static int raw_of(struct cor_ctx *ctx, const struct cor_jwt_method *method, struct cor_str der,
	struct cor_str *ret)
{
	const uint8_t *at = bytes_of(der);
	int half = (int)method->size_bytes;
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)der.len);
	uint8_t *raw = cor_alloc(ctx, 2 * method->size_bytes);
	bool works = pair && raw && BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, half) == half &&
		     BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw + half, half) == half;

	ECDSA_SIG_free(pair);
	if (!works)
		return -ENOMEM;
	*ret = (struct cor_str){ (const char *)raw, 2 * method->size_bytes };
	return 0;
}

/* --- keys of two halves --- */

/* The salt is as long as the hash: RFC 7518 section 3.5. */
static bool set_padding(const struct cor_jwt_method *method, EVP_PKEY_CTX *parameters)
{
	return !method->is_pss ||
	       (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1);
}

static int check_by_pkey(const struct cor_jwt_key *key, const struct cor_jwt_method *method,
	struct cor_str input, struct cor_str signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *parameters;
	int rc = -ENOMEM;

	ERR_clear_error();
	if (context &&
		EVP_DigestVerifyInit_ex(
			context, &parameters, method->digest, NULL, NULL, key->pkey, NULL) == 1 &&
		set_padding(method, parameters)) {
		int verdict = EVP_DigestVerify(
			context, bytes_of(signature), signature.len, bytes_of(input), input.len);
		rc = verdict == 1 ? 0 : -EKEYREJECTED;
		/* below 0: not even judged; of ECDSA never for what is in the signature */
		if (is_short_of_memory() || (verdict < 0 && method->family == COR_JWT_EC))
			rc = -ENOMEM;
	}
	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return rc;
}

static int check_ecdsa(const struct cor_jwt_key *key, const struct cor_jwt_method *method,
	struct cor_str input, struct cor_str signature)
{
	uint8_t der[DER_BYTES_MAX];

	if (signature.len != 2 * method->size_bytes)
		return -EKEYREJECTED;
	size_t len = der_of(signature, der);
	if (len == 0) {
		ERR_clear_error();
		return -ENOMEM;
	}
	return check_by_pkey(key, method, input, (struct cor_str){ (const char *)der, len });
}

static int make_by_pkey(struct cor_ctx *ctx, const struct cor_jwt_key *key,
	const struct cor_jwt_method *method, struct cor_str input, struct cor_str *ret)
{
	size_t len = (size_t)EVP_PKEY_get_size(key->pkey);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t *made = cor_alloc(ctx, len);
	EVP_PKEY_CTX *parameters;

	ERR_clear_error();
	bool works = context && made &&
		     EVP_DigestSignInit_ex(context, &parameters, method->digest, NULL, NULL,
			     key->pkey, NULL) == 1 &&
		     set_padding(method, parameters) &&
		     EVP_DigestSign(context, made, &len, bytes_of(input), input.len) == 1;

	bool is_short = !context || !made || is_short_of_memory();

	EVP_MD_CTX_free(context);
	ERR_clear_error();
	if (!works)
		return is_short ? -ENOMEM : -EKEYREJECTED;
	*ret = (struct cor_str){ (const char *)made, len };
	return 0;
}

/* --- all --- */

int cor_jwt_signature_check(const struct cor_jwt_keys *keys, const struct cor_jwt_key *key,
	const struct cor_jwt_method *method, struct cor_str input, struct cor_str signature)
{
	if (key->family != method->family)
		return -EKEYREJECTED;
	if (method->family == COR_JWT_HMAC)
		return check_hmac(keys, key, method, input, signature);
	if (method->family == COR_JWT_EC)
		return check_ecdsa(key, method, input, signature);
	return check_by_pkey(key, method, input, signature);
}

int cor_jwt_signature_make(struct cor_ctx *ctx, const struct cor_jwt_keys *keys,
	const struct cor_jwt_key *key, const struct cor_jwt_method *method, struct cor_str input,
	struct cor_str *ret)
{
	if (method->family == COR_JWT_HMAC)
		return make_hmac(ctx, keys, key, method, input, ret);
	int rc = make_by_pkey(ctx, key, method, input, ret);
	if (rc < 0 || method->family != COR_JWT_EC)
		return rc;
	rc = raw_of(ctx, method, *ret, ret);
	ERR_clear_error();
	return rc;
}
