/* SPDX-License-Identifier: MIT */
#include "tls/clients.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tls/pair.h"

/* --- whom clients are believed by --- */

static int add_issuer(X509 *issuer, X509_STORE *store, SSL_CTX *context)
{
	return X509_STORE_add_cert(store, issuer) == 1 &&
			       SSL_CTX_add_client_CA(context, issuer) == 1
		       ? 0
		       : -ENOMEM;
}

static int add_revoked(X509_CRL *revoked, X509_STORE *store)
{
	return X509_STORE_add_crl(store, revoked) == 1 &&
			       X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK) == 1
		       ? 0
		       : -ENOMEM;
}

/* Each certificate is believed, even if it is not the root of its tree. */
static int add_all(const STACK_OF(X509_INFO) * all, SSL_CTX *context, int *ret_issuers)
{
	X509_STORE *store = SSL_CTX_get_cert_store(context);
	int rc = X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) == 1 ? 0 : -ENOMEM;

	*ret_issuers = 0;
	for (int i = 0; rc == 0 && i < sk_X509_INFO_num(all); i++) {
		const X509_INFO *each = sk_X509_INFO_value(all, i);
		if (each->x509)
			rc = add_issuer(each->x509, store, context);
		if (rc == 0 && each->crl)
			rc = add_revoked(each->crl, store);
		*ret_issuers += each->x509 != NULL;
	}
	return rc;
}

static int believe(
	const struct cor_tls_file *file, SSL_CTX *context, struct cor_start_failure *ret_failure)
{
	BIO *text = cor_tls_file_open(file);
	int issuers;

	if (!text)
		return -ENOMEM;
	STACK_OF(X509_INFO) *all = PEM_X509_INFO_read_bio(text, NULL, NULL, NULL);
	BIO_free(text);
	if (!all)
		return cor_tls_refuse(ret_failure,
			"%s is broken: let whoever issues your clients' certificates send it again",
			file->path);
	int rc = add_all(all, context, &issuers);
	sk_X509_INFO_pop_free(all, X509_INFO_free);
	if (rc == 0 && issuers == 0)
		return cor_tls_refuse(ret_failure,
			"%s holds no certificate: name a file with the -----BEGIN CERTIFICATE----- "
			"of whoever issues your clients' certificates",
			file->path);
	return rc;
}

/* OpenSSL looks at the certificate when it is shown, and a session may outlive it. */
static SSL_TICKET_RETURN judge_session(SSL *ssl, SSL_SESSION *session, const unsigned char *name,
	size_t name_len, SSL_TICKET_STATUS status, void *arg)
{
	const X509 *peer = session ? SSL_SESSION_get0_peer(session) : NULL;

	(void)ssl;
	(void)name;
	(void)name_len;
	(void)arg;
	if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW)
		return SSL_TICKET_RETURN_IGNORE_RENEW;
	if (peer && X509_cmp_current_time(X509_get0_notAfter(peer)) <= 0)
		return SSL_TICKET_RETURN_IGNORE_RENEW;
	return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

int cor_tls_clients_ask(const struct cor_tls_options *options, SSL_CTX *context,
	struct cor_start_failure *ret_failure)
{
	if (!options->client_ca.path)
		return 0;
	SSL_CTX_set_verify(context,
		SSL_VERIFY_PEER | (options->needs_client ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
		NULL);
	if (SSL_CTX_set_session_ticket_cb(context, NULL, judge_session, NULL) != 1)
		return -ENOMEM;
	return believe(&options->client_ca, context, ret_failure);
}

/* --- who a client is --- */

#define FINGERPRINT_BYTES (2 * SHA256_DIGEST_LENGTH + 1)

struct identity {
	struct cor_filter_identity identity;
	char fingerprint[FINGERPRINT_BYTES];
	char subject[];
};

static void print_fingerprint(const X509 *certificate, char ret[FINGERPRINT_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (X509_digest(certificate, EVP_sha256(), digest, &len) != 1)
		len = 0;
	for (unsigned i = 0; i < len; i++) {
		ret[2 * i] = digits[digest[i] >> 4];
		ret[2 * i + 1] = digits[digest[i] & 15];
	}
	ret[2 * (size_t)len] = '\0';
}

static struct cor_filter_identity *make_identity(const X509 *certificate, BIO *text)
{
	const char *subject;
	/* RFC 4514 is the later RFC 2253; what is UTF-8 stays so */
	unsigned long flags = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;

	if (X509_NAME_print_ex(text, X509_get_subject_name(certificate), 0, flags) < 0)
		return NULL;
	long len = BIO_get_mem_data(text, &subject);
	struct identity *identity = len < 0 ? NULL : calloc(1, sizeof *identity + (size_t)len + 1);
	if (!identity)
		return NULL;
	if (len > 0)
		memcpy(identity->subject, subject, (size_t)len);
	print_fingerprint(certificate, identity->fingerprint);
	identity->identity = (struct cor_filter_identity){ .subject = identity->subject,
		.fingerprint = identity->fingerprint };
	return &identity->identity; /* NOLINT(analyzer-malloc-leak): a part of it */
}

struct cor_filter_identity *cor_tls_client_identity(const X509 *certificate)
{
	BIO *text = BIO_new(BIO_s_mem());
	struct cor_filter_identity *identity = text ? make_identity(certificate, text) : NULL;

	BIO_free(text);
	ERR_clear_error();
	return identity;
}
