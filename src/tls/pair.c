/* SPDX-License-Identifier: MIT */
#include "tls/pair.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include <openssl/err.h>
#include <openssl/pem.h>

/* libcoracle's own is not this library's to call. */
int cor_tls_refuse(struct cor_start_failure *ret, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(ret->text, sizeof ret->text, format, arguments);
	va_end(arguments);
	ERR_clear_error();
	return -EINVAL;
}

static const char *reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());

	return text ? text : "unknown";
}

BIO *cor_tls_file_open(const struct cor_tls_file *file)
{
	if (!file->bytes.data)
		return BIO_new_file(file->path, "r");
	return file->bytes.len > INT_MAX ? NULL
					 : BIO_new_mem_buf(file->bytes.data, (int)file->bytes.len);
}

/* --- the certificate --- */

static int use_leaf(const struct cor_tls_file *file, BIO *text, SSL_CTX *context,
	struct cor_start_failure *ret_failure)
{
	X509 *leaf = PEM_read_bio_X509_AUX(text, NULL, NULL, NULL);
	int rc = 0;

	if (!leaf)
		return cor_tls_refuse(ret_failure,
			"%s holds no certificate: name a file with -----BEGIN CERTIFICATE-----",
			file->path);
	if (SSL_CTX_use_certificate(context, leaf) != 1)
		rc = cor_tls_refuse(ret_failure,
			"%s cannot be used (%s): let its issuer make one with a key of 2048 bits "
			"or more, or of P-256, and signed with SHA-256",
			file->path, reason());
	X509_free(leaf);
	return rc;
}

/* Those behind the first, up to an issuer that clients know. */
static int use_chain(const struct cor_tls_file *file, BIO *text, SSL_CTX *context,
	struct cor_start_failure *ret_failure)
{
	X509 *issuer;

	while ((issuer = PEM_read_bio_X509(text, NULL, NULL, NULL)))
		if (SSL_CTX_add0_chain_cert(context, issuer) != 1) {
			X509_free(issuer);
			return cor_tls_refuse(ret_failure,
				"a certificate behind the first of %s cannot be used (%s)",
				file->path, reason());
		}
	bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	ERR_clear_error();
	return is_end ? 0
		      : cor_tls_refuse(ret_failure,
				"a certificate behind the first of %s is broken: let its issuer send the "
				"chain again",
				file->path);
}

static int use_certificates(
	const struct cor_tls_file *file, SSL_CTX *context, struct cor_start_failure *ret_failure)
{
	BIO *text = cor_tls_file_open(file);

	if (!text)
		return -ENOMEM;
	int rc = use_leaf(file, text, context, ret_failure);
	if (rc == 0)
		rc = use_chain(file, text, context, ret_failure);
	BIO_free(text);
	return rc;
}

/* --- the key --- */

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

static int use_key(
	const struct cor_tls_pair *pair, SSL_CTX *context, struct cor_start_failure *ret_failure)
{
	const char *path = pair->key.path;
	bool is_encrypted = false;
	BIO *text = cor_tls_file_open(&pair->key);
	int rc = 0;

	if (!text)
		return -ENOMEM;
	EVP_PKEY *key = PEM_read_bio_PrivateKey(text, NULL, no_password, &is_encrypted);
	BIO_free(text);
	if (!key && is_encrypted)
		return cor_tls_refuse(ret_failure,
			"%s is encrypted, and nobody is asked for its password: decrypt it with "
			"`openssl pkey -in %s -out FILE`, and let nobody else read that file",
			path, path);
	if (!key)
		return cor_tls_refuse(ret_failure,
			"%s holds no private key: name a file with -----BEGIN PRIVATE KEY-----",
			path);
	/* else OpenSSL would drop the certificate that does not fit */
	if (X509_check_private_key(SSL_CTX_get0_certificate(context), key) != 1)
		rc = cor_tls_refuse(ret_failure,
			"%s is not the key of %s: give each --certificate its --key, "
			"in the same order",
			path, pair->certificate.path);
	else if (SSL_CTX_use_PrivateKey(context, key) != 1)
		rc = cor_tls_refuse(ret_failure, "%s cannot be used (%s)", path, reason());
	EVP_PKEY_free(key);
	return rc;
}

int cor_tls_pair_use(
	const struct cor_tls_pair *pair, SSL_CTX *context, struct cor_start_failure *ret_failure)
{
	int rc = use_certificates(&pair->certificate, context, ret_failure);

	return rc < 0 ? rc : use_key(pair, context, ret_failure);
}
