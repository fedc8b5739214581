/* SPDX-License-Identifier: MIT */
/*
 * What is sealed is built in one piece of memory, in the order in which it is authenticated:
 *
 *     length of purpose (1) | purpose | kind (1) | key (4) | time (8) | value | tag (32)
 *     length of purpose (1) | purpose | kind (1) | key (4) | time (8) | nonce (12) | value | tag
 *
 * The tag has 32 bytes, or 16 of AES-GCM. From the kind on it is the text, as base64url. What is
 * before the value (and the nonce) is the associated data of AES-GCM, everything before the tag the
 * message of HMAC. The time is in seconds since 1970, big-endian.
 */
#include <coracle/sealing.h>

#include <errno.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <coracle/base64.h>
#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/random.h>

#include "crypto/mac.h"
#include "crypto/seal_keys.h"

#define KIND_SIGNED    0x11 /* version 1, kind 1 */
#define KIND_ENCRYPTED 0x12

#define TIME_BYTES   8
#define HEADER_BYTES (1 + COR_SEAL_ID_BYTES + TIME_BYTES)
#define NONCE_BYTES  12 /* SP 800-38D section 8.2.2 */
#define GCM_BYTES    16
#define HMAC_BYTES   32

/** The ways to seal. */
struct way {
	uint8_t kind;
	size_t nonce_bytes;
	size_t tag_bytes;
};
static const struct way by_signing = { KIND_SIGNED, 0, HMAC_BYTES };
static const struct way by_encrypting = { KIND_ENCRYPTED, NONCE_BYTES, GCM_BYTES };

/** Something sealed in memory, taken apart. */
struct seal {
	uint8_t *start;  /* of the purpose's length */
	uint8_t *header; /* behind the purpose */
	uint8_t *nonce;
	uint8_t *value;
	size_t value_len;
	uint8_t *tag;
};

/* Lay it out in the memory of ctx; `bytes` are those of nonce, value and tag. */
static int lay_out(struct cor_ctx *ctx, const struct way *way, const char *purpose, size_t bytes,
	struct seal *ret)
{
	size_t purpose_len = strlen(purpose);

	if (purpose_len == 0 || purpose_len > COR_SEAL_PURPOSE_BYTES)
		return -EINVAL;
	/* parsing base64 writes whole groups */
	uint8_t *at = cor_alloc(ctx, 1 + purpose_len + HEADER_BYTES + bytes + 3);
	if (!at)
		return -ENOMEM;
	ret->start = at;
	*at++ = (uint8_t)purpose_len;
	ret->header = (uint8_t *)memcpy(at, purpose, purpose_len) + purpose_len;
	ret->nonce = ret->header + HEADER_BYTES;
	ret->value = ret->nonce + way->nonce_bytes;
	ret->value_len = bytes - way->nonce_bytes - way->tag_bytes;
	ret->tag = ret->value + ret->value_len;
	return 0;
}

static size_t size_of(const uint8_t *from, const uint8_t *to)
{
	return (size_t)(to - from);
}

/* --- cryptography --- */

static bool compute_hmac(const struct cor_seal_keys *keys, const struct cor_seal_key *key,
	const struct seal *seal, uint8_t ret[HMAC_BYTES])
{
	struct cor_str message = { (const char *)seal->start, size_of(seal->start, seal->tag) };

	return cor_mac_compute(keys->hmac, "SHA256",
		(struct cor_str){ (const char *)key->mac, sizeof key->mac }, message, ret,
		HMAC_BYTES);
}

static int put_hmac(
	const struct cor_seal_keys *keys, const struct cor_seal_key *key, const struct seal *seal)
{
	return compute_hmac(keys, key, seal, seal->tag) ? 0 : -ENOMEM;
}

static int check_hmac(
	const struct cor_seal_keys *keys, const struct cor_seal_key *key, const struct seal *seal)
{
	uint8_t wanted[HMAC_BYTES];

	if (!compute_hmac(keys, key, seal, wanted))
		return -ENOMEM;
	return CRYPTO_memcmp(wanted, seal->tag, sizeof wanted) == 0 ? 0 : -EKEYREJECTED;
}

/* Begin either direction; what was added is authenticated and not in the output. */
static bool begin_gcm(EVP_CIPHER_CTX *gcm, const struct cor_seal_keys *keys,
	const struct cor_seal_key *key, const struct seal *seal, int is_encrypting)
{
	int len;

	return EVP_CipherInit_ex2(gcm, keys->gcm, key->cipher, seal->nonce, is_encrypting, NULL) ==
		       1 &&
	       EVP_CipherUpdate(
		       gcm, NULL, &len, seal->start, (int)size_of(seal->start, seal->nonce)) == 1;
}

static bool run_gcm(EVP_CIPHER_CTX *gcm, const struct seal *seal)
{
	int len;

	return EVP_CipherUpdate(gcm, seal->value, &len, seal->value, (int)seal->value_len) == 1;
}

static int seal_by_gcm(
	const struct cor_seal_keys *keys, const struct cor_seal_key *key, const struct seal *seal)
{
	EVP_CIPHER_CTX *gcm = EVP_CIPHER_CTX_new();
	int len;
	bool works = gcm && begin_gcm(gcm, keys, key, seal, 1) && run_gcm(gcm, seal) &&
		     EVP_CipherFinal_ex(gcm, seal->tag, &len) == 1 &&
		     EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_GET_TAG, GCM_BYTES, seal->tag) == 1;

	EVP_CIPHER_CTX_free(gcm);
	return works ? 0 : -ENOMEM;
}

static int open_by_gcm(
	const struct cor_seal_keys *keys, const struct cor_seal_key *key, const struct seal *seal)
{
	EVP_CIPHER_CTX *gcm = EVP_CIPHER_CTX_new();
	uint8_t nothing[GCM_BYTES];
	int len, rc = -ENOMEM;

	if (gcm && begin_gcm(gcm, keys, key, seal, 0) && run_gcm(gcm, seal) &&
		EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_SET_TAG, GCM_BYTES, seal->tag) == 1)
		rc = EVP_CipherFinal_ex(gcm, nothing, &len) == 1 ? 0 : -EKEYREJECTED;
	EVP_CIPHER_CTX_free(gcm);
	return rc;
}

/* --- sealing --- */

static void put_header(const struct way *way, const struct cor_seal_key *key, uint8_t *at)
{
	uint64_t now_s = (uint64_t)cor_now().tv_sec;

	*at++ = way->kind;
	at = (uint8_t *)memcpy(at, key->id, sizeof key->id) + sizeof key->id;
	for (unsigned shift = 64; shift != 0; shift -= 8)
		*at++ = (uint8_t)(now_s >> (shift - 8));
}

static int print(struct cor_ctx *ctx, const struct way *way, const struct seal *seal,
	struct cor_str *ret_text)
{
	size_t bytes = size_of(seal->header, seal->tag + way->tag_bytes);
	size_t len = cor_base64url_text_bytes(bytes);
	char *text = cor_alloc(ctx, len + 1);

	if (!text)
		return -ENOMEM;
	cor_base64url_print((struct cor_str){ (const char *)seal->header, bytes }, text);
	*ret_text = (struct cor_str){ text, len };
	return 0;
}

static int seal_value(struct cor_ctx *ctx, const struct way *way, const struct cor_seal_keys *keys,
	const char *purpose, struct cor_str value, struct cor_str *ret_text)
{
	struct seal seal;

	if (value.len > COR_SEAL_VALUE_BYTES)
		return -COR_ETOOLARGE;
	int rc = lay_out(ctx, way, purpose, way->nonce_bytes + value.len + way->tag_bytes, &seal);
	if (rc < 0)
		return rc;
	put_header(way, &keys->items[0], seal.header);
	if (way->nonce_bytes != 0)
		cor_random_fill(seal.nonce, way->nonce_bytes);
	if (value.len != 0)
		memcpy(seal.value, value.data, value.len);
	rc = way == &by_signing ? put_hmac(keys, &keys->items[0], &seal)
				: seal_by_gcm(keys, &keys->items[0], &seal);
	ERR_clear_error();
	return rc < 0 ? rc : print(ctx, way, &seal, ret_text);
}

int cor_seal_signed(struct cor_ctx *ctx, const struct cor_seal_keys *keys, const char *purpose,
	struct cor_str value, struct cor_str *ret_text)
{
	return seal_value(ctx, &by_signing, keys, purpose, value, ret_text);
}

int cor_seal_encrypted(struct cor_ctx *ctx, const struct cor_seal_keys *keys, const char *purpose,
	struct cor_str value, struct cor_str *ret_text)
{
	return seal_value(ctx, &by_encrypting, keys, purpose, value, ret_text);
}

/* --- opening --- */

static int64_t sealed_at(const struct seal *seal)
{
	const uint8_t *at = seal->header + 1 + COR_SEAL_ID_BYTES;
	uint64_t time_s = 0;

	for (size_t i = 0; i < TIME_BYTES; i++)
		time_s = time_s << 8 | at[i];
	return (int64_t)time_s;
}

/* The length of the text says how much memory: what could not be a seal gets none. */
static int parse(struct cor_ctx *ctx, const struct way *way, const char *purpose,
	struct cor_str text, struct seal *ret)
{
	size_t least = HEADER_BYTES + way->nonce_bytes + way->tag_bytes;
	size_t bytes = cor_base64url_bytes(text);

	if (bytes < least || bytes - least > COR_SEAL_VALUE_BYTES)
		return -EBADMSG;
	int rc = lay_out(ctx, way, purpose, bytes - HEADER_BYTES, ret);
	if (rc == 0 && cor_base64url_parse(text, (char *)ret->header, &bytes) < 0)
		rc = -EBADMSG;
	if (rc == 0 && ret->header[0] != way->kind)
		rc = -EBADMSG;
	return rc;
}

/* Nothing of it is believed before the key has said that it may. */
static int unseal(struct cor_ctx *ctx, const struct way *way, const struct cor_seal_keys *keys,
	const char *purpose, int64_t max_age_s, struct cor_str text, struct cor_unsealed *ret)
{
	struct seal seal;
	int64_t age_s;

	if (max_age_s < 1)
		return -EINVAL;
	int rc = parse(ctx, way, purpose, text, &seal);
	if (rc < 0)
		return rc;
	const struct cor_seal_key *key = cor_seal_keys_find(keys, seal.header + 1);
	if (!key)
		return -ENOKEY;
	rc = way == &by_signing ? check_hmac(keys, key, &seal) : open_by_gcm(keys, key, &seal);
	ERR_clear_error();
	if (rc < 0)
		return rc;
	if (__builtin_sub_overflow((int64_t)cor_now().tv_sec, sealed_at(&seal), &age_s) ||
		age_s < -COR_SEAL_SKEW_S || age_s > max_age_s)
		return -EKEYEXPIRED;
	ret->value = (struct cor_str){ (const char *)seal.value, seal.value_len };
	ret->age_s = age_s;
	ret->is_newest = key == &keys->items[0];
	return 0;
}

int cor_unseal_signed(struct cor_ctx *ctx, const struct cor_seal_keys *keys, const char *purpose,
	int64_t max_age_s, struct cor_str text, struct cor_unsealed *ret)
{
	return unseal(ctx, &by_signing, keys, purpose, max_age_s, text, ret);
}

int cor_unseal_encrypted(struct cor_ctx *ctx, const struct cor_seal_keys *keys, const char *purpose,
	int64_t max_age_s, struct cor_str text, struct cor_unsealed *ret)
{
	return unseal(ctx, &by_encrypting, keys, purpose, max_age_s, text, ret);
}

const char *cor_unseal_strerror(int code)
{
	switch (code < 0 ? -code : code) {
	case EBADMSG:
		return "it is not what sealing makes";
	case ENOKEY:
		return "no key of the set has sealed it";
	case EKEYREJECTED:
		return "it is forged, damaged, or was sealed for another purpose";
	case EKEYEXPIRED:
		return "it is too old, or the clocks disagree";
	default:
		return cor_strerror(code);
	}
}
