/* SPDX-License-Identifier: MIT */
#include "tls/names.h"

#include <openssl/x509v3.h>

#include "base/compiler.h"
#include "tls/filter.h"
#include "tls/sessions.h"

#define HOST_NAME   0 /* the only type of name that there is */
#define LIST_HEAD   2
#define NAME_HEAD   3
#define LONGEST_DNS 255

static const struct cor_tls_shown *find(const struct cor_tls_identity *identity,
	const unsigned char *name, size_t len, unsigned flags)
{
	for (size_t i = 0; i < identity->len; i++) {
		X509 *leaf = SSL_CTX_get0_certificate(identity->items[i].context);
		if (X509_check_host(leaf, (const char *)name, len, flags, NULL) == 1)
			return &identity->items[i];
	}
	return NULL;
}

const struct cor_tls_shown *cor_tls_choose(
	const struct cor_tls_identity *identity, const unsigned char *name, size_t len)
{
	const struct cor_tls_shown *found = NULL;

	if (identity->len == 1 || len == 0 || len > LONGEST_DNS)
		return identity->items;
	found = find(identity, name, len, X509_CHECK_FLAG_NO_WILDCARDS);
	if (!found)
		found = find(identity, name, len, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return found ? found : identity->items;
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

static const struct cor_tls_shown *choose_for(const struct cor_tls_identity *identity, SSL *ssl)
{
	const unsigned char *extension;
	size_t bytes, len;

	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &extension, &bytes) != 1)
		return identity->items;
	const unsigned char *name = name_in(extension, bytes, &len);
	return cor_tls_choose(identity, name, len);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL's signature */
static int choose(SSL *ssl, int *ret_alert, void *arg)
{
	const struct cor_tls_shown *shown = choose_for(arg, ssl);

	(void)ret_alert;
	if (shown->context != SSL_get_SSL_CTX(ssl) && !SSL_set_SSL_CTX(ssl, shown->context))
		return SSL_CLIENT_HELLO_ERROR;
	return cor_tls_sessions_limit(shown, cor_tls_filter_of(ssl)->place, ssl)
		       ? SSL_CLIENT_HELLO_SUCCESS
		       : SSL_CLIENT_HELLO_ERROR;
}

void cor_tls_let_choose(struct cor_tls_identity *identity, SSL_CTX *context)
{
	SSL_CTX_set_client_hello_cb(context, choose, identity);
}
