/* SPDX-License-Identifier: MIT */
#include "tls/names.h"

#include <openssl/x509v3.h>

#include "base/compiler.h"

#define HOST_NAME   0 /* the only type of name that there is */
#define LIST_HEAD   2
#define NAME_HEAD   3
#define LONGEST_DNS 255

static SSL_CTX *find(const struct cor_tls_identity *identity, const unsigned char *name, size_t len,
	unsigned flags)
{
	for (size_t i = 0; i < identity->contexts_len; i++) {
		X509 *leaf = SSL_CTX_get0_certificate(identity->contexts[i]);
		if (X509_check_host(leaf, (const char *)name, len, flags, NULL) == 1)
			return identity->contexts[i];
	}
	return NULL;
}

SSL_CTX *cor_tls_choose(
	const struct cor_tls_identity *identity, const unsigned char *name, size_t len)
{
	SSL_CTX *found = NULL;

	if (identity->contexts_len == 1 || len == 0 || len > LONGEST_DNS)
		return identity->contexts[0];
	found = find(identity, name, len, X509_CHECK_FLAG_NO_WILDCARDS);
	if (!found)
		found = find(identity, name, len, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return found ? found : identity->contexts[0];
}

static size_t number(const unsigned char *at)
{
	return (size_t)at[0] << 8 | at[1];
}

/* The first name of the extension; *ret_len is 0 if it is not well-formed: OpenSSL refuses it. */
static const unsigned char *name_in(const unsigned char *extension, size_t bytes, size_t *ret_len)
{
	*ret_len = 0;
	if (bytes < LIST_HEAD + NAME_HEAD || number(extension) != bytes - LIST_HEAD ||
		extension[LIST_HEAD] != HOST_NAME)
		return NULL;
	size_t len = number(extension + LIST_HEAD + 1);
	if (len > bytes - LIST_HEAD - NAME_HEAD)
		return NULL;
	*ret_len = len;
	return extension + LIST_HEAD + NAME_HEAD;
}

static int choose(SSL *ssl, int *ret_alert, void *arg)
{
	const struct cor_tls_identity *identity = arg;
	const unsigned char *extension;
	size_t bytes, len;

	(void)ret_alert;
	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &extension, &bytes) != 1)
		return SSL_CLIENT_HELLO_SUCCESS;
	const unsigned char *name = name_in(extension, bytes, &len);
	SSL_CTX *chosen = cor_tls_choose(identity, name, len);
	if (chosen != SSL_get_SSL_CTX(ssl) && !SSL_set_SSL_CTX(ssl, chosen))
		return SSL_CLIENT_HELLO_ERROR;
	return SSL_CLIENT_HELLO_SUCCESS;
}

void cor_tls_let_choose(struct cor_tls_identity *identity, SSL_CTX *context)
{
	SSL_CTX_set_client_hello_cb(context, choose, identity);
}
