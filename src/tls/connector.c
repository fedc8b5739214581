/* SPDX-License-Identifier: MIT */
#include "tls/connector.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/compiler.h"
#include "tls/filter.h"
#include "tls/pair.h"

#define SECURITY_LEVEL 2 /* as for those who connect to us: see identity.c */

/* cor_strerror() is in libcoracle, which this library does without. */
static const char *text_of(int error)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): those of glibc and of musl are safe */
	return strerror(error);
}

struct connector {
	struct cor_filter_source source;
	struct cor_tls_calling calling;
};

static struct connector *of(const struct cor_filter_source *source)
{
	return cor_container_of(
		(struct cor_filter_source *)(uintptr_t)source, struct connector, source);
}

static int attach(const struct cor_filter_source *source, const struct cor_transport *transport,
	int fd, struct cor_filter **ret)
{
	return cor_tls_call(&of(source)->calling, transport, fd, ret);
}

/* --- who is believed --- */

static int count_issuers(BIO *text, X509_STORE *store)
{
	int issuers = 0;
	X509 *issuer;

	while ((issuer = PEM_read_bio_X509(text, NULL, NULL, NULL))) {
		issuers += X509_STORE_add_cert(store, issuer) == 1;
		X509_free(issuer);
	}
	ERR_clear_error();
	return issuers;
}

/* Each certificate of the file is believed, even if it is not the root of its tree. */
static int believe(
	const struct cor_tls_file *file, SSL_CTX *context, struct cor_start_failure *ret_failure)
{
	X509_STORE *store = SSL_CTX_get_cert_store(context);

	if (!file->path)
		return SSL_CTX_set_default_verify_paths(context) == 1 ? 0 : -ENOMEM;
	errno = 0;
	BIO *text = cor_tls_file_open(file);
	if (!text)
		return cor_tls_refuse(ret_failure, "%s cannot be read: %s", file->path,
			errno ? text_of(errno) : "no memory");
	int issuers = count_issuers(text, store);
	BIO_free(text);
	if (issuers == 0)
		return cor_tls_refuse(ret_failure,
			"%s holds no certificate: name a file with the -----BEGIN CERTIFICATE----- "
			"of whoever issues the servers' certificates",
			file->path);
	return X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) == 1 ? 0 : -ENOMEM;
}

static int check_file(const struct cor_tls_file *file, struct cor_start_failure *ret_failure)
{
	errno = 0;
	BIO *text = cor_tls_file_open(file);
	bool is_there = text != NULL;

	BIO_free(text);
	return is_there ? 0
			: cor_tls_refuse(ret_failure, "%s cannot be read: %s", file->path,
				  errno ? text_of(errno) : "no memory");
}

static int use_pair(
	const struct cor_tls_pair *pair, SSL_CTX *context, struct cor_start_failure *ret_failure)
{
	int rc = check_file(&pair->certificate, ret_failure);

	if (rc == 0)
		rc = check_file(&pair->key, ret_failure);
	return rc == 0 ? cor_tls_pair_use(pair, context, ret_failure) : rc;
}

static int set_up(SSL_CTX *context, const struct cor_tls_client_options *options,
	struct cor_start_failure *ret_failure)
{
	SSL_CTX_set_security_level(context, SECURITY_LEVEL);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(context, 1);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(context, options->trusts_all ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	if (!SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION))
		return -ENOMEM;
	int rc = options->trusts_all ? 0 : believe(&options->ca, context, ret_failure);
	return rc == 0 && options->pair ? use_pair(options->pair, context, ret_failure) : rc;
}

/* --- life --- */

void cor_tls_connector_close(struct cor_filter_source *source)
{
	if (!source)
		return;
	struct connector *connector = of(source);
	SSL_CTX_free(connector->calling.context);
	BIO_meth_free(connector->calling.socket);
	free(connector);
}

int cor_tls_connector_open(const struct cor_tls_client_options *options,
	struct cor_filter_source **ret, struct cor_start_failure *ret_failure)
{
	struct connector *connector = calloc(1, sizeof *connector);

	if (!connector)
		return -ENOMEM;
	connector->source.attach = attach;
	connector->calling.context = SSL_CTX_new(TLS_client_method());
	connector->calling.socket = cor_tls_socket_method();
	int rc = connector->calling.context && connector->calling.socket
			 ? set_up(connector->calling.context, options, ret_failure)
			 : -ENOMEM;
	if (rc == 0)
		*ret = &connector->source;
	else
		cor_tls_connector_close(&connector->source); /* NOLINT(analyzer-malloc-leak) */
	return rc;
}
