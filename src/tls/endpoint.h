/* SPDX-License-Identifier: MIT */
/** What the connections of a service's https listeners have in common. */
#ifndef CORACLE_TLS_ENDPOINT_H
#define CORACLE_TLS_ENDPOINT_H

#include <pthread.h>

#include <openssl/ssl.h>

#include "tls/tls.h"

struct cor_tls_identity;

struct cor_tls_endpoint {
	struct cor_filter_source source;
	struct cor_str plain_answer;
	BIO_METHOD *socket; /* between OpenSSL and the transport */
	struct cor_tls_ticket_keys ticket_keys;
	pthread_mutex_t gate; /* of what follows */
	struct cor_tls_identity *identity;
};

#endif
