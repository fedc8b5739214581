/* SPDX-License-Identifier: MIT */
/*
 * What a stranger sends to a TLS port, in pieces: the filter refuses it with a code and words,
 * waits for more, or answers in plain text; it never agrees with whoever has no keys. The first
 * byte says how long the pieces are.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "runtime/transport.h"
#include "target.h"
#include "tls/tls.h"

#define PLAIN "HTTP/1.1 400 Bad Request\r\n\r\n"

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* --- the transport: what comes is the input, what goes is looked at --- */

struct wire {
	struct cor_transport transport;
	const uint8_t *data;
	size_t len;
	size_t piece;
	bool is_dry;   /* between two pieces nothing is there */
	bool is_plain; /* the answer was */
};

static struct wire *of(const struct cor_transport *transport)
{
	return (struct wire *)(uintptr_t)transport; /* its first member */
}

static ssize_t receive(
	const struct cor_transport *transport, int fd, void *ret, size_t bytes, bool *ret_more)
{
	struct wire *wire = of(transport);
	size_t n = bytes < wire->piece ? bytes : wire->piece;

	(void)fd;
	wire->is_dry = !wire->is_dry;
	if (wire->is_dry)
		return -EAGAIN;
	n = n < wire->len ? n : wire->len;
	memcpy(ret, wire->data, n);
	wire->data += n;
	wire->len -= n;
	*ret_more = wire->len != 0;
	return (ssize_t)n;
}

static ssize_t send_bytes(
	const struct cor_transport *transport, int fd, const void *data, size_t bytes)
{
	struct wire *wire = of(transport);
	const char *text = data;

	(void)fd;
	must(bytes != 0);
	wire->is_plain = bytes == strlen(PLAIN) && memcmp(text, PLAIN, bytes) == 0;
	/* else a record: 1.3 says of none that is encrypted what it is */
	must(wire->is_plain || (text[0] >= 20 && text[0] <= 23));
	return (ssize_t)bytes;
}

/* --- whom it reaches --- */

static EVP_PKEY *key;

static struct cor_str text_of(BIO *bio)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	return (struct cor_str){ data, (size_t)len };
}

static X509 *make_certificate(const char *name)
{
	X509 *certificate = X509_new();
	X509V3_CTX context;

	X509_set_version(certificate, X509_VERSION_3);
	X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
	X509_set_pubkey(certificate, key);
	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, &context, NID_subject_alt_name, name);
	must(names && X509_add_ext(certificate, names, -1) == 1);
	X509_EXTENSION_free(names);
	must(X509_sign(certificate, key, EVP_sha256()) > 0);
	return certificate;
}

static BIO *pem_of(const char *name)
{
	X509 *certificate = make_certificate(name);
	BIO *bio = BIO_new(BIO_s_mem());

	must(bio && PEM_write_bio_X509(bio, certificate) == 1);
	X509_free(certificate);
	return bio;
}

static struct cor_filter_source *open_source(void)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct cor_filter_source *source = NULL;
	struct cor_start_failure failure;

	key = EVP_EC_gen("P-256");
	must(key && bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
	BIO *first = pem_of("DNS:first.example"), *wild = pem_of("DNS:*.wild.example");
	const struct cor_tls_pair pairs[] = {
		{ .certificate = { "first", text_of(first) }, .key = { "key", text_of(bio) } },
		{ .certificate = { "wild", text_of(wild) }, .key = { "key", text_of(bio) } },
	};
	const struct cor_tls_options options = {
		.pairs = pairs,
		.pairs_len = 2,
		.client_ca = { "ca", text_of(first) },
		.plain_answer = { PLAIN, sizeof PLAIN - 1 },
	};
	must(cor_tls.open(&options, &source, &failure) == 0);
	BIO_free(bio);
	BIO_free(first);
	BIO_free(wild);
	return source;
}

/* --- one stranger --- */

static bool is_choice(const struct cor_filter *filter)
{
	for (const struct cor_filter_choice *at = filter->choices; at->name; at++)
		if (at == filter->chosen)
			return true;
	return !filter->chosen;
}

static void shake(struct cor_filter *filter, struct wire *wire)
{
	int rc;

	while ((rc = filter->ops->handshake(filter)) == -EAGAIN) {
		must((filter->wants & (EPOLLIN | EPOLLOUT)) != 0);
		must(is_choice(filter));
	}
	must(rc < 0 && filter->why && filter->why[0]);
	must(wire->is_plain == (rc == -EPROTONOSUPPORT));
	must(rc != -ECONNRESET || wire->len == 0);
}

/* Whoever lingers reads what is left as it is. */
static void linger(struct cor_filter *filter, const struct wire *wire)
{
	char rest[256];
	bool more;
	ssize_t n;

	must(filter->ops->end(filter) == 0);
	while ((n = filter->ops->receive(filter, rest, sizeof rest, &more)) != 0)
		must(n > 0 || n == -EAGAIN);
	must(wire->len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cor_filter_choice choices[] = { { "h2", NULL }, { "http/1.1", NULL },
		{ NULL, NULL } };
	static struct cor_filter_source *source;
	const struct cor_filter_identity *identity;
	struct cor_filter *filter;
	struct wire wire = { .transport = { .receive = receive, .send = send_bytes } };

	if (size == 0)
		return 0;
	wire.piece = 1 + (size_t)data[0] * 8;
	wire.data = data + 1;
	wire.len = size - 1;
	if (!source)
		source = open_source();
	must(source->attach(source, &wire.transport, -1, &filter) == 0);
	filter->choices = choices;
	filter->place = "127.0.0.1:443";
	shake(filter, &wire);
	must(filter->ops->identify(filter, &identity) == -ENOENT);
	linger(filter, &wire);
	filter->ops->destroy(filter);
	return 0;
}
