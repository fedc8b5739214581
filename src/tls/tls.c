/* SPDX-License-Identifier: MIT */
#include "tls/tls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/sha.h>

#include "base/compiler.h"
#include "tls/alpn.h"
#include "tls/endpoint.h"
#include "tls/filter.h"
#include "tls/names.h"
#include "tls/pair.h"
#include "tls/tickets.h"

/* Forward secrecy and authenticated encryption: what every client of the last ten years has. */
#define CIPHERS_1_2                                                                                \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"                               \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"                               \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define SECURITY_LEVEL 2 /* 112 bits: RSA of 2048, no SHA-1 */

/*
 * Buffers are given back between records, so that an idle connection has none. Sessions are kept by
 * clients alone, in tickets.
 */
static int set_up(SSL_CTX *context, bool is_modern)
{
	SSL_CTX_set_security_level(context, SECURITY_LEVEL);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
					     SSL_OP_CIPHER_SERVER_PREFERENCE |
					     SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(context, 1); /* a record with one system call */
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 1);
	cor_tls_let_choose_protocol(context);
	bool works = SSL_CTX_set_min_proto_version(
			     context, is_modern ? TLS1_3_VERSION : TLS1_2_VERSION) &&
		     SSL_CTX_set_cipher_list(context, CIPHERS_1_2);
	return works ? 0 : -ENOMEM;
}

/* A session is resumed with the pair that it was made with, though that may have been renewed. */
static int bind_sessions(const struct cor_tls_pair *pair, SSL_CTX *context)
{
	const char *path = pair->certificate.path;
	unsigned char name[SHA256_DIGEST_LENGTH];

	SHA256((const unsigned char *)path, strlen(path), name);
	return SSL_CTX_set_session_id_context(context, name, sizeof name) ? 0 : -ENOMEM;
}

static int use_tickets(const struct cor_tls_endpoint *endpoint, SSL_CTX *context)
{
	if (endpoint->ticket_keys.newest)
		return cor_tls_tickets_use(&endpoint->ticket_keys, context);
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
	SSL_CTX_set_num_tickets(context, 0);
	return 0;
}

static int make_context(struct cor_tls_endpoint *endpoint, const struct cor_tls_options *options,
	const struct cor_tls_pair *pair, SSL_CTX **ret, struct cor_failure *ret_failure)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (!context)
		return -ENOMEM;
	int rc = set_up(context, options->is_modern);
	if (rc == 0)
		rc = cor_tls_pair_use(pair, context, ret_failure);
	if (rc == 0)
		rc = bind_sessions(pair, context);
	if (rc == 0)
		rc = use_tickets(endpoint, context);
	cor_tls_let_choose(endpoint, context);
	if (rc == 0)
		*ret = context;
	else
		SSL_CTX_free(context);
	return rc;
}

static void close_endpoint(struct cor_filter_source *source)
{
	if (!source)
		return;
	struct cor_tls_endpoint *endpoint = cor_container_of(
		source, struct cor_tls_endpoint, source);
	for (size_t i = 0; i < endpoint->contexts_len; i++)
		SSL_CTX_free(endpoint->contexts[i]);
	BIO_meth_free(endpoint->socket);
	free(endpoint->contexts);
	free(endpoint);
}

static int make_contexts(struct cor_tls_endpoint *endpoint, const struct cor_tls_options *options,
	struct cor_failure *ret_failure)
{
	int rc = 0;

	endpoint->contexts = calloc(options->pairs_len, sizeof(SSL_CTX *));
	endpoint->socket = cor_tls_socket_method();
	if (!endpoint->contexts || !endpoint->socket)
		return -ENOMEM;
	for (size_t i = 0; rc == 0 && i < options->pairs_len; i++) {
		rc = make_context(
			endpoint, options, &options->pairs[i], &endpoint->contexts[i], ret_failure);
		endpoint->contexts_len += rc == 0;
	}
	return rc;
}

static int open_endpoint(const struct cor_tls_options *options, struct cor_filter_source **ret,
	struct cor_failure *ret_failure)
{
	struct cor_tls_endpoint *endpoint = calloc(1, sizeof *endpoint);

	if (!endpoint)
		return -ENOMEM;
	endpoint->source.attach = cor_tls_attach;
	endpoint->plain_answer = options->plain_answer;
	if (options->ticket_keys)
		endpoint->ticket_keys = *options->ticket_keys;
	int rc = make_contexts(endpoint, options, ret_failure);
	ERR_clear_error();
	if (rc == 0)
		*ret = &endpoint->source;
	else
		close_endpoint(&endpoint->source);
	return rc;
}

/* A time that cannot be read was long ago. */
static int64_t expires_s(const struct cor_filter_source *source, size_t index)
{
	const struct cor_tls_endpoint *endpoint = cor_container_of(
		source, const struct cor_tls_endpoint, source);
	const X509 *leaf = SSL_CTX_get0_certificate(endpoint->contexts[index]);
	struct tm time;

	return ASN1_TIME_to_tm(X509_get0_notAfter(leaf), &time) == 1 ? (int64_t)timegm(&time) : 0;
}

const struct cor_tls cor_tls = {
	.interface = COR_TLS_INTERFACE,
	.open = open_endpoint,
	.expires_s = expires_s,
	.close = close_endpoint,
};
