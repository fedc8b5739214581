/* SPDX-License-Identifier: MIT */
#include "tls/tls.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/compiler.h"
#include "tls/connector.h"
#include "tls/filter.h"
#include "tls/identity.h"
#include "tls/staple.h"

static struct cor_tls_endpoint *of(const struct cor_filter_source *source)
{
	return cor_container_of(
		(struct cor_filter_source *)(uintptr_t)source, struct cor_tls_endpoint, source);
}

static void close_endpoint(struct cor_filter_source *source)
{
	if (!source)
		return;
	struct cor_tls_endpoint *endpoint = of(source);
	cor_tls_identity_drop(endpoint->identity);
	pthread_mutex_destroy(&endpoint->gate);
	BIO_meth_free(endpoint->socket);
	free(endpoint);
}

static int open_endpoint(const struct cor_tls_options *options, struct cor_filter_source **ret,
	struct cor_start_failure *ret_failure)
{
	struct cor_tls_endpoint *endpoint = calloc(1, sizeof *endpoint);

	if (!endpoint)
		return -ENOMEM;
	endpoint->source.attach = cor_tls_attach;
	endpoint->plain_answer = options->plain_answer;
	endpoint->gate = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	endpoint->socket = cor_tls_socket_method();
	if (options->ticket_keys)
		endpoint->ticket_keys = *options->ticket_keys;
	int rc = endpoint->socket ? cor_tls_identity_make(
					    endpoint, options, &endpoint->identity, ret_failure)
				  : -ENOMEM;
	if (rc == 0)
		*ret = &endpoint->source;
	else
		close_endpoint(&endpoint->source);
	return rc;
}

static int renew(struct cor_filter_source *source, const struct cor_tls_options *options,
	struct cor_start_failure *ret_failure)
{
	struct cor_tls_identity *identity;
	int rc = cor_tls_identity_make(of(source), options, &identity, ret_failure);

	if (rc == 0)
		cor_tls_identity_replace(of(source), identity);
	return rc;
}

/* A time that cannot be read was long ago. */
static int64_t seconds(const ASN1_TIME *time)
{
	struct tm broken_down;

	return ASN1_TIME_to_tm(time, &broken_down) == 1 ? (int64_t)timegm(&broken_down) : 0;
}

static int64_t expires_s(const struct cor_filter_source *source, size_t index)
{
	struct cor_tls_identity *identity = cor_tls_identity_hold(of(source));
	const X509 *leaf = SSL_CTX_get0_certificate(identity->items[index].context);
	int64_t s = seconds(X509_get0_notAfter(leaf));

	cor_tls_identity_drop(identity);
	return s;
}

static int64_t staple_ends_s(const struct cor_filter_source *source, size_t index)
{
	struct cor_tls_identity *identity = cor_tls_identity_hold(of(source));
	const ASN1_GENERALIZEDTIME *end = cor_tls_staple_end(identity->items[index].staple);
	int64_t s = end ? seconds(end) : INT64_MAX;

	cor_tls_identity_drop(identity);
	return s;
}

const struct cor_tls cor_tls = {
	.interface = COR_TLS_INTERFACE,
	.open = open_endpoint,
	.renew = renew,
	.expires_s = expires_s,
	.staple_ends_s = staple_ends_s,
	.close = close_endpoint,
	.open_client = cor_tls_connector_open,
	.close_client = cor_tls_connector_close,
};
