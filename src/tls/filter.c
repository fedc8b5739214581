/* SPDX-License-Identifier: MIT */
#include "tls/filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "runtime/transport.h"
#include "tls/clients.h"
#include "tls/identity.h"

struct tls_filter {
	struct cor_filter filter;
	struct cor_str plain_answer;
	bool calls;                         /* it is the client */
	struct cor_tls_identity *identity;  /* ours, for the handshake */
	struct cor_filter_identity *client; /* once somebody has asked; NULL: nobody has */
	char *refusal;                      /* of its certificate, in words; NULL: none */
	SSL *ssl;
	int error;     /* of the transport: a negative errno; 0: none */
	bool has_more; /* after a receive: there may be more in the socket */
	bool has_begun;
	bool is_agreed;
	bool is_plain; /* the other end speaks HTTP, without TLS */
	bool is_ended; /* the socket's stream */
};

static struct tls_filter *of(struct cor_filter *filter)
{
	return cor_container_of(filter, struct tls_filter, filter);
}

/* --- below OpenSSL: the socket --- */

/* Which of TLS's first bytes is none: records begin with 22, hellos of SSL 2 above 127. */
static bool looks_plain(unsigned char first)
{
	return first >= 'A' && first <= 'Z';
}

static int receive_below(BIO *bio, char *ret, size_t bytes, size_t *ret_len)
{
	struct tls_filter *f = BIO_get_data(bio);
	const struct cor_transport *transport = f->filter.transport;
	bool more = false;

	BIO_clear_retry_flags(bio);
	if (f->is_plain)
		return 0;
	ssize_t n = transport->receive(transport, f->filter.fd, ret, bytes, &more);
	f->has_more = n > 0 && more;
	if (n == -EAGAIN)
		BIO_set_retry_read(bio);
	else if (n <= 0)
		f->error = (int)n;
	f->is_ended = n == 0;
	if (n <= 0)
		return 0;
	f->is_plain = !f->has_begun && looks_plain((unsigned char)*ret);
	f->has_begun = true;
	*ret_len = (size_t)n;
	return !f->is_plain;
}

static int send_below(BIO *bio, const char *data, size_t bytes, size_t *ret_len)
{
	struct tls_filter *f = BIO_get_data(bio);
	const struct cor_transport *transport = f->filter.transport;

	BIO_clear_retry_flags(bio);
	*ret_len = bytes;
	if (f->is_plain)
		return 1; /* an alert would be noise to it */
	ssize_t n = transport->send(transport, f->filter.fd, data, bytes);
	if (n == -EAGAIN)
		BIO_set_retry_write(bio);
	else if (n < 0)
		f->error = (int)n;
	*ret_len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static long control_below(BIO *bio, int command, long number, void *arg)
{
	const struct tls_filter *f = BIO_get_data(bio);

	(void)number;
	(void)arg;
	if (command == BIO_CTRL_EOF)
		return f->is_ended;
	return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *cor_tls_socket_method(void)
{
	BIO_METHOD *method = BIO_meth_new(
		BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "coracle");
	bool works = method && BIO_meth_set_read_ex(method, receive_below) &&
		     BIO_meth_set_write_ex(method, send_below) &&
		     BIO_meth_set_ctrl(method, control_below);

	if (works)
		return method;
	BIO_meth_free(method);
	return NULL;
}

struct cor_filter *cor_tls_filter_of(const SSL *ssl)
{
	struct tls_filter *f = BIO_get_data(SSL_get_rbio(ssl));

	return &f->filter;
}

/* --- above it --- */

/*
 * What OpenSSL says is of this thread: what somebody else has left there must not be ours. There is
 * nothing as a rule, and to look takes a quarter of what clearing does.
 */
static void begin(struct tls_filter *f)
{
	if (COR_UNLIKELY(ERR_peek_error() != 0))
		ERR_clear_error();
	f->filter.wants = 0;
	f->error = 0;
}

/* There is one client less to tell of if there is no memory for that. */
static const char *say_refusal(struct tls_filter *f)
{
	const char *why = X509_verify_cert_error_string(SSL_get_verify_result(f->ssl));
	int rc = f->calls ? asprintf(&f->refusal, "the server's certificate is refused: %s", why)
			  : asprintf(&f->refusal,
				    "the client's certificate is refused: %s (--client-ca)", why);

	if (rc < 0)
		f->refusal = NULL;
	return f->refusal ? f->refusal : "the certificate is refused";
}

/* A stream that ends without saying so may have been cut: RFC 8446 section 6.1. */
static int failed(struct tls_filter *f)
{
	unsigned long code = ERR_peek_error();
	const char *why = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	bool is_refused = ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED;
	if (f->is_ended)
		why = f->calls ? "the server went away" : "the client went away";
	else if (is_refused)
		why = say_refusal(f);
	else if (ERR_GET_REASON(code) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
		why = "the client has no certificate (--client-certificates required)";
	f->filter.why = why ? why : "the connection broke";
	if (f->calls && is_refused)
		return -COR_ECERTIFICATE;
	return f->error < 0 ? f->error : f->is_ended ? -ECONNRESET : -EPROTO;
}

/* What an operation that has not succeeded comes to; 0: the orderly end. */
static int outcome(struct tls_filter *f, int rc)
{
	switch (SSL_get_error(f->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		f->filter.wants = EPOLLIN;
		return -EAGAIN;
	case SSL_ERROR_WANT_WRITE:
		f->filter.wants = EPOLLOUT;
		return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		return failed(f);
	}
}

/* There is nothing else in the socket's buffer: it has room for a few lines. */
static int answer_plainly(struct tls_filter *f)
{
	const struct cor_transport *transport = f->filter.transport;
	const struct cor_str answer = f->plain_answer;

	if (answer.len != 0)
		(void)transport->send(transport, f->filter.fd, answer.data, answer.len);
	f->filter.why = f->calls ? "the server does not speak TLS"
				 : "the client speaks HTTP without TLS";
	return -EPROTONOSUPPORT;
}

/* By an address, or by a name, which is told to the server, too (RFC 6066 section 3). */
static bool ask_for(SSL *ssl, const char *peer)
{
	X509_VERIFY_PARAM *parameters = SSL_get0_param(ssl);

	if (X509_VERIFY_PARAM_set1_ip_asc(parameters, peer) == 1)
		return true;
	ERR_clear_error();
	X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, peer) == 1 &&
	       SSL_set_tlsext_host_name(ssl, (void *)(uintptr_t)peer) == 1;
}

static int handshake(struct cor_filter *filter)
{
	struct tls_filter *f = of(filter);

	begin(f);
	if (filter->peer && !ask_for(f->ssl, filter->peer))
		return failed(f);
	filter->peer = NULL;
	int rc = SSL_do_handshake(f->ssl);
	if (rc == 1) {
		f->is_agreed = true;
		cor_tls_identity_drop(f->identity);
		f->identity = NULL;
		return 0;
	}
	rc = outcome(f, rc);
	if (f->is_plain)
		return answer_plainly(f);
	return rc == 0 ? -ECONNRESET : rc;
}

/*
 * What OpenSSL had read ahead says nothing about the socket: more may have come, and have been
 * announced, since. Only a receive of this very call knows.
 */
static ssize_t receive(struct cor_filter *filter, void *ret, size_t bytes, bool *ret_more)
{
	struct tls_filter *f = of(filter);
	size_t len;

	if (!f->is_agreed)
		return filter->transport->receive(
			filter->transport, filter->fd, ret, bytes, ret_more);
	begin(f);
	f->has_more = true;
	int rc = SSL_read_ex(f->ssl, ret, bytes, &len);
	if (rc != 1)
		return outcome(f, rc);
	*ret_more = f->has_more || SSL_has_pending(f->ssl);
	return (ssize_t)len;
}

static ssize_t send_bytes(struct cor_filter *filter, const void *data, size_t bytes)
{
	struct tls_filter *f = of(filter);
	size_t len;

	begin(f);
	int rc = SSL_write_ex(f->ssl, data, bytes, &len);
	if (rc == 1)
		return (ssize_t)len;
	rc = outcome(f, rc);
	return rc == 0 ? -ECONNRESET : rc;
}

/* The other end's close_notify is awaited by whoever lingers. */
static int end(struct cor_filter *filter)
{
	struct tls_filter *f = of(filter);

	if (!f->is_agreed)
		return 0;
	begin(f);
	int rc = SSL_shutdown(f->ssl);
	return rc < 0 ? outcome(f, rc) : 0;
}

static int identify(struct cor_filter *filter, const struct cor_filter_identity **ret)
{
	struct tls_filter *f = of(filter);
	const X509 *certificate = SSL_get0_peer_certificate(f->ssl);

	if (!certificate || SSL_get_verify_result(f->ssl) != X509_V_OK)
		return -ENOENT;
	if (!f->client)
		f->client = cor_tls_client_identity(certificate);
	if (!f->client)
		return -ENOMEM;
	*ret = f->client;
	return 0;
}

static void destroy(struct cor_filter *filter)
{
	struct tls_filter *f = of(filter);

	cor_tls_identity_drop(f->identity);
	SSL_free(f->ssl);
	free(f->client);
	free(f->refusal);
	free(f);
}

static const struct cor_filter_ops ops = {
	.handshake = handshake,
	.receive = receive,
	.send = send_bytes,
	.end = end,
	.identify = identify,
	.destroy = destroy,
};

/* --- the beginning --- */

static int connect_below(struct tls_filter *f, const BIO_METHOD *socket)
{
	BIO *bio = BIO_new(socket);

	if (!bio)
		return -ENOMEM;
	BIO_set_data(bio, f);
	BIO_set_init(bio, 1);
	SSL_set_bio(f->ssl, bio, bio);
	if (f->calls)
		SSL_set_connect_state(f->ssl);
	else
		SSL_set_accept_state(f->ssl);
	return 0;
}

static struct tls_filter *make(const struct cor_transport *transport, int fd)
{
	struct tls_filter *f = calloc(1, sizeof *f);

	if (f)
		f->filter = (struct cor_filter){
			.ops = &ops, .transport = transport, .fd = fd, .is_secure = true
		};
	return f;
}

static int begin_with(
	struct tls_filter *f, SSL_CTX *context, const BIO_METHOD *socket, struct cor_filter **ret)
{
	f->ssl = SSL_new(context);
	if (!f->ssl || connect_below(f, socket) < 0) {
		destroy(&f->filter);
		ERR_clear_error();
		return -ENOMEM; /* NOLINT(analyzer-malloc-leak): destroyed */
	}
	*ret = &f->filter;
	return 0;
}

int cor_tls_attach(const struct cor_filter_source *source, const struct cor_transport *transport,
	int fd, struct cor_filter **ret)
{
	const struct cor_tls_endpoint *endpoint = cor_container_of(
		source, const struct cor_tls_endpoint, source);
	struct tls_filter *f = make(transport, fd);

	if (!f)
		return -ENOMEM;
	f->plain_answer = endpoint->plain_answer;
	f->identity = cor_tls_identity_hold(endpoint);
	return begin_with(f, f->identity->items[0].context, endpoint->socket, ret);
}

int cor_tls_call(const struct cor_tls_calling *calling, const struct cor_transport *transport,
	int fd, struct cor_filter **ret)
{
	struct tls_filter *f = make(transport, fd);

	if (!f)
		return -ENOMEM;
	f->calls = true;
	return begin_with(f, calling->context, calling->socket, ret);
}
