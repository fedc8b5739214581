/* SPDX-License-Identifier: MIT */
#include "crypto/seal_keys.h"

#include <errno.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>

#include "crypto/key_file.h"

/* --- the derivation --- */

static bool derive(
	EVP_KDF_CTX *hkdf, struct cor_str secret, struct cor_str info, uint8_t *ret, size_t bytes)
{
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(
			OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t) "SHA256", 0),
		OSSL_PARAM_construct_octet_string(
			OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)secret.data, secret.len),
		OSSL_PARAM_construct_octet_string(
			OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info.data, info.len),
		OSSL_PARAM_construct_end(),
	};

	EVP_KDF_CTX_reset(hkdf);
	return EVP_KDF_derive(hkdf, ret, bytes, parameters) == 1;
}

static bool derive_all(EVP_KDF_CTX *hkdf, struct cor_str secret, struct cor_seal_key *ret)
{
	return derive(hkdf, secret, COR_STR("coracle seal 1 id"), ret->id, sizeof ret->id) &&
	       derive(hkdf, secret, COR_STR("coracle seal 1 mac"), ret->mac, sizeof ret->mac) &&
	       derive(hkdf, secret, COR_STR("coracle seal 1 cipher"), ret->cipher,
		       sizeof ret->cipher);
}

static int derive_keys(const struct cor_str *secrets, struct cor_seal_keys *keys)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *hkdf = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	bool works = hkdf != NULL;

	for (size_t i = 0; works && i < keys->len; i++)
		works = derive_all(hkdf, secrets[i], &keys->items[i]);
	EVP_KDF_CTX_free(hkdf);
	EVP_KDF_free(kdf);
	ERR_clear_error();
	return works ? 0 : -ENOMEM;
}

/* --- the set --- */

static int check_count(struct cor_ctx *ctx, size_t len)
{
	if (len == 0)
		return cor_problem(ctx, 500, -EINVAL,
			"there is no secret to seal with: make one with `openssl rand -base64 48`");
	if (len > COR_SEAL_KEYS_MAX)
		return cor_problem(ctx, 500, -EINVAL,
			"there are %zu secrets to seal with, %d at most: take the oldest out", len,
			COR_SEAL_KEYS_MAX);
	return 0;
}

static int check_lengths(struct cor_ctx *ctx, const struct cor_str *secrets, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (secrets[i].len < COR_SEAL_SECRET_BYTES)
			return cor_problem(ctx, 500, -EINVAL,
				"secret %zu to seal with is too short, %zu of %d bytes: make one "
				"with `openssl rand -base64 48`",
				i + 1, secrets[i].len, COR_SEAL_SECRET_BYTES);
	return 0;
}

/* Two secrets may have the same id by chance, one in four thousand million. */
static int check_ids(struct cor_ctx *ctx, const struct cor_seal_keys *keys)
{
	for (size_t i = 0; i < keys->len; i++)
		if (cor_seal_keys_find(keys, keys->items[i].id) != &keys->items[i])
			return cor_problem(ctx, 500, -EINVAL,
				"secret %zu to seal with is there twice: leave it out", i + 1);
	return 0;
}

static int fill(struct cor_ctx *ctx, const struct cor_str *secrets, struct cor_seal_keys *keys)
{
	keys->gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	keys->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	int rc = keys->gcm && keys->hmac ? derive_keys(secrets, keys) : -ENOMEM;
	ERR_clear_error();
	return rc < 0 ? rc : check_ids(ctx, keys);
}

int cor_seal_keys_create(
	struct cor_ctx *ctx, const struct cor_str *secrets, size_t len, struct cor_seal_keys **ret)
{
	int rc = check_count(ctx, len);

	if (rc == 0)
		rc = check_lengths(ctx, secrets, len);
	if (rc < 0)
		return rc;
	struct cor_seal_keys *keys = calloc(1, sizeof *keys + len * sizeof keys->items[0]);
	if (!keys)
		return -ENOMEM;
	keys->len = len;
	rc = fill(ctx, secrets, keys);
	if (rc == 0)
		*ret = keys;
	else
		cor_seal_keys_destroy(keys);
	return rc;
}

void cor_seal_keys_destroy(struct cor_seal_keys *keys)
{
	if (!keys)
		return;
	EVP_CIPHER_free(keys->gcm);
	EVP_MAC_free(keys->hmac);
	OPENSSL_cleanse(keys->items, keys->len * sizeof keys->items[0]);
	free(keys);
}

const struct cor_seal_key *cor_seal_keys_find(
	const struct cor_seal_keys *keys, const uint8_t id[COR_SEAL_ID_BYTES])
{
	for (size_t i = 0; i < keys->len; i++)
		if (memcmp(keys->items[i].id, id, COR_SEAL_ID_BYTES) == 0)
			return &keys->items[i];
	return NULL;
}

/* --- from a file --- */

/* The next line with something in it, without blanks around it; false: there is none. */
static bool next_line(struct cor_str *rest, struct cor_str *ret)
{
	while (rest->len != 0) {
		const char *end = memchr(rest->data, '\n', rest->len);
		size_t len = end ? (size_t)(end - rest->data) : rest->len;
		*ret = (struct cor_str){ rest->data, len };
		rest->data += len + (end ? 1 : 0);
		rest->len -= len + (end ? 1 : 0);
		while (ret->len != 0 && strchr(" \t\r", ret->data[ret->len - 1]))
			ret->len--;
		if (ret->len != 0)
			return true;
	}
	return false;
}

int cor_seal_keys_read(struct cor_ctx *ctx, const char *path, struct cor_seal_keys **ret)
{
	struct cor_str secrets[COR_SEAL_KEYS_MAX + 1] = { 0 }, line;
	struct cor_key_file file = { 0 };
	size_t len = 0;
	int rc = cor_key_file_read(ctx, path, &file);

	if (rc < 0)
		return rc;
	struct cor_str rest = file.text;
	while (len <= COR_SEAL_KEYS_MAX && next_line(&rest, &line))
		secrets[len++] = line;
	rc = cor_seal_keys_create(ctx, secrets, len, ret);
	cor_key_file_close(&file);
	if (rc != -COR_EPROBLEM)
		return rc;
	const char *detail = cor_problem_of(ctx)->detail;
	return cor_problem(ctx, 500, -EINVAL, "%s: %s", path, detail);
}
