/* SPDX-License-Identifier: MIT */
#include "tls/identity.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include <openssl/err.h>

#include "tls/alpn.h"
#include "tls/clients.h"
#include "tls/names.h"
#include "tls/pair.h"
#include "tls/sessions.h"
#include "tls/staple.h"
#include "tls/tickets.h"

/* Forward secrecy and authenticated encryption: what every client of the last ten years has. */
#define CIPHERS_1_2                                                                                \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"                               \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"                               \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
/* In the same order: AES of 128 bits is as safe, and with SHA-256 the handshake is cheaper. */
#define CIPHERS_1_3 "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
/* Those that clients have; with larger ones a stranger could keep the processor busy. */
#define GROUPS         "X25519:P-256:P-384"
#define HYBRID_GROUP   "X25519MLKEM768" /* where OpenSSL has it, from 3.5 on */
#define SECURITY_LEVEL 2                /* 112 bits: RSA of 2048, no SHA-1 */

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
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					  SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_read_ahead(context, 1); /* a record with one system call */
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 1);
	cor_tls_let_choose_protocol(context);
	bool works = SSL_CTX_set_min_proto_version(
			     context, is_modern ? TLS1_3_VERSION : TLS1_2_VERSION) &&
		     SSL_CTX_set_cipher_list(context, CIPHERS_1_2) &&
		     SSL_CTX_set_ciphersuites(context, CIPHERS_1_3) &&
		     (SSL_CTX_set1_groups_list(context, HYBRID_GROUP ":" GROUPS) ||
			     SSL_CTX_set1_groups_list(context, GROUPS));
	return works ? 0 : -ENOMEM;
}

static int use_tickets(const struct cor_tls_endpoint *endpoint, SSL_CTX *context)
{
	if (endpoint->ticket_keys.newest)
		return cor_tls_tickets_use(&endpoint->ticket_keys, context);
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
	SSL_CTX_set_num_tickets(context, 0);
	return 0;
}

static int set_all(const struct cor_tls_endpoint *endpoint, struct cor_tls_identity *identity,
	const struct cor_tls_options *options, const struct cor_tls_pair *pair, SSL_CTX *context,
	struct cor_start_failure *ret_failure)
{
	int rc = set_up(context, options->is_modern);

	if (rc == 0)
		rc = cor_tls_pair_use(pair, context, ret_failure);
	if (rc == 0)
		rc = cor_tls_clients_ask(options, context, ret_failure);
	if (rc == 0)
		rc = use_tickets(endpoint, context);
	cor_tls_let_choose(identity, context);
	return rc;
}

static int add_context(const struct cor_tls_endpoint *endpoint, struct cor_tls_identity *identity,
	const struct cor_tls_options *options, const struct cor_tls_pair *pair,
	struct cor_start_failure *ret_failure)
{
	struct cor_tls_shown *shown = &identity->items[identity->len];
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (!context)
		return -ENOMEM;
	int rc = set_all(endpoint, identity, options, pair, context, ret_failure);
	if (rc == 0)
		rc = cor_tls_staple_use(pair, context, &shown->staple, ret_failure);
	if (rc < 0) {
		SSL_CTX_free(context);
		return rc;
	}
	shown->context = context;
	cor_tls_sessions_bind(options, pair, shown);
	identity->len++;
	return 0;
}

static int add_contexts(const struct cor_tls_endpoint *endpoint, struct cor_tls_identity *identity,
	const struct cor_tls_options *options, struct cor_start_failure *ret_failure)
{
	int rc = 0;

	identity->items = calloc(options->pairs_len, sizeof *identity->items);
	if (!identity->items)
		return -ENOMEM;
	for (size_t i = 0; rc == 0 && i < options->pairs_len; i++)
		rc = add_context(endpoint, identity, options, &options->pairs[i], ret_failure);
	return rc;
}

int cor_tls_identity_make(struct cor_tls_endpoint *endpoint, const struct cor_tls_options *options,
	struct cor_tls_identity **ret, struct cor_start_failure *ret_failure)
{
	struct cor_tls_identity *identity = calloc(1, sizeof *identity);

	if (!identity)
		return -ENOMEM;
	identity->holders = 1;
	int rc = add_contexts(endpoint, identity, options, ret_failure);
	ERR_clear_error();
	if (rc == 0)
		*ret = identity;
	else
		cor_tls_identity_drop(identity);
	return rc;
}

struct cor_tls_identity *cor_tls_identity_hold(const struct cor_tls_endpoint *endpoint)
{
	pthread_mutex_t *gate = (pthread_mutex_t *)(uintptr_t)&endpoint->gate;

	pthread_mutex_lock(gate);
	struct cor_tls_identity *identity = endpoint->identity;
	atomic_fetch_add(&identity->holders, 1);
	pthread_mutex_unlock(gate);
	return identity;
}

void cor_tls_identity_replace(struct cor_tls_endpoint *endpoint, struct cor_tls_identity *identity)
{
	pthread_mutex_lock(&endpoint->gate);
	struct cor_tls_identity *old = endpoint->identity;
	endpoint->identity = identity;
	pthread_mutex_unlock(&endpoint->gate);
	cor_tls_identity_drop(old);
}

void cor_tls_identity_drop(struct cor_tls_identity *identity)
{
	if (!identity || atomic_fetch_sub(&identity->holders, 1) != 1)
		return;
	for (size_t i = 0; i < identity->len; i++) {
		SSL_CTX_free(identity->items[i].context);
		cor_tls_staple_free(identity->items[i].staple);
	}
	free(identity->items);
	free(identity);
}
