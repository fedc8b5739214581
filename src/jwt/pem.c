/* SPDX-License-Identifier: MIT */
#include "jwt/pem.h"

#include <errno.h>
#include <limits.h>

#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>

static bool holds(struct cor_str text, const char *words)
{
	return text.data && memmem(text.data, text.len, words, strlen(words)) != NULL;
}

bool cor_jwt_is_pem(struct cor_str text)
{
	return holds(text, "-----BEGIN ");
}

bool cor_jwt_is_der(struct cor_str text)
{
	const unsigned char *key = (const unsigned char *)text.data, *certificate = key;
	long len = text.len < LONG_MAX ? (long)text.len : 0;
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &key, len);
	X509 *x509 = d2i_X509(NULL, &certificate, len);
	bool is_one = pkey || x509;

	EVP_PKEY_free(pkey);
	X509_free(x509);
	ERR_clear_error();
	return is_one;
}

/* Each stands at its beginning and its end. */
static bool holds_several(struct cor_str text, const char *words)
{
	size_t count = 0;

	for (const char *at; (at = memmem(text.data, text.len, words, strlen(words))); count++) {
		size_t done = (size_t)(at - text.data) + strlen(words);
		text = (struct cor_str){ text.data + done, text.len - done };
	}
	return count > 2;
}

/* Nobody is there to be asked. */
/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL's signature */
static int no_password(char *buffer, int size, int is_writing, void *is_wanted)
{
	(void)buffer;
	(void)size;
	(void)is_writing;
	*(bool *)is_wanted = true;
	return -1;
}

static EVP_PKEY *read_certificate(BIO *bio)
{
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	EVP_PKEY *pkey = certificate ? X509_get_pubkey(certificate) : NULL;

	X509_free(certificate);
	return pkey;
}

/* PUBLIC KEY, or RSA PUBLIC KEY as PKCS #1 has it. */
static EVP_PKEY *read_public(BIO *bio)
{
	EVP_PKEY *pkey = NULL;
	OSSL_DECODER_CTX *decoder = OSSL_DECODER_CTX_new_for_pkey(
		&pkey, "PEM", NULL, NULL, EVP_PKEY_PUBLIC_KEY, NULL, NULL);

	if (decoder)
		(void)OSSL_DECODER_from_bio(decoder, bio);
	OSSL_DECODER_CTX_free(decoder);
	return pkey;
}

static int add(const struct cor_jwt_maker *maker, EVP_PKEY *pkey, bool signs)
{
	const struct cor_jwt_key key = {
		.kid = maker->source->kid,
		.pkey = pkey,
		.signs = signs,
		.verifies = true,
	};
	int rc = cor_jwt_key_add(maker, &key);

	if (rc < 0)
		EVP_PKEY_free(pkey);
	return rc;
}

static int add_private(const struct cor_jwt_maker *maker, BIO *bio)
{
	bool is_encrypted = false;
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password, &is_encrypted);

	if (pkey)
		return add(maker, pkey, true);
	if (is_encrypted)
		return cor_jwt_refuse(maker,
			"the key is encrypted, and nobody is asked for its password: decrypt it "
			"with `openssl pkey -in FILE`, and let nobody else read that file");
	return cor_jwt_refuse(maker, "the private key cannot be read: is all of it there?");
}

static int add_other(const struct cor_jwt_maker *maker, BIO *bio, bool is_certificate)
{
	EVP_PKEY *pkey = is_certificate ? read_certificate(bio) : read_public(bio);

	if (pkey)
		return add(maker, pkey, false);
	return cor_jwt_refuse(maker, "the %s cannot be read: is all of it there?",
		is_certificate ? "certificate" : "public key");
}

int cor_jwt_pem_add(const struct cor_jwt_maker *maker, struct cor_str text)
{
	bool is_certificate = holds(text, "-----BEGIN CERTIFICATE-----") ||
			      holds(text, "-----BEGIN TRUSTED CERTIFICATE-----");
	int rc;

	if (!holds(text, "PRIVATE KEY-----") && !holds(text, "PUBLIC KEY-----") && !is_certificate)
		return cor_jwt_refuse(maker,
			"it has neither PUBLIC KEY, PRIVATE KEY nor CERTIFICATE behind -----BEGIN");
	if (holds_several(text, "PUBLIC KEY-----") || holds_several(text, "PRIVATE KEY-----"))
		return cor_jwt_refuse(maker,
			"it has several keys, and one would be taken: give each a source of its "
			"own");
	BIO *bio = text.len > INT_MAX ? NULL : BIO_new_mem_buf(text.data, (int)text.len);
	if (!bio)
		return -ENOMEM;
	if (holds(text, "PRIVATE KEY-----"))
		rc = add_private(maker, bio);
	else
		rc = add_other(maker, bio, is_certificate);
	BIO_free(bio);
	ERR_clear_error();
	return rc;
}
