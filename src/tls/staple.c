/* SPDX-License-Identifier: MIT */
#include "tls/staple.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "tls/pair.h"

struct cor_tls_staple {
	ASN1_GENERALIZEDTIME *end; /* NULL: it has none */
	size_t len;
	unsigned char bytes[];
};

/* --- what it says --- */

/* A certificate is known by its number and by a digest of its issuer's name. */
static bool is_about(OCSP_SINGLERESP *answer, const X509 *leaf)
{
	OCSP_CERTID *id = (OCSP_CERTID *)(uintptr_t)OCSP_SINGLERESP_get0_id(answer);
	ASN1_OCTET_STRING *issuer;
	ASN1_OBJECT *algorithm;
	ASN1_INTEGER *number;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len;

	if (OCSP_id_get0_info(&issuer, &algorithm, NULL, &number, id) != 1 ||
		ASN1_INTEGER_cmp(number, X509_get0_serialNumber(leaf)) != 0)
		return false;
	const EVP_MD *kind = EVP_get_digestbyobj(algorithm);
	return kind && X509_NAME_digest(X509_get_issuer_name(leaf), kind, digest, &len) == 1 &&
	       (int)len == ASN1_STRING_length(issuer) &&
	       memcmp(ASN1_STRING_get0_data(issuer), digest, len) == 0;
}

static OCSP_SINGLERESP *find(OCSP_BASICRESP *answers, const X509 *leaf)
{
	for (int i = 0; i < OCSP_resp_count(answers); i++)
		if (is_about(OCSP_resp_get0(answers, i), leaf))
			return OCSP_resp_get0(answers, i);
	return NULL;
}

static int judge(const struct cor_tls_pair *pair, OCSP_BASICRESP *answers, const X509 *leaf,
	ASN1_GENERALIZEDTIME **ret_end, struct cor_start_failure *ret_failure)
{
	const char *path = pair->staple.path;
	ASN1_GENERALIZEDTIME *end = NULL;
	OCSP_SINGLERESP *answer = find(answers, leaf);

	if (!answer)
		return cor_tls_refuse(ret_failure,
			"%s is not about %s: give each --certificate its --ocsp, in the same order",
			path, pair->certificate.path);
	if (OCSP_single_get0_status(answer, NULL, NULL, NULL, &end) != V_OCSP_CERTSTATUS_GOOD)
		return cor_tls_refuse(ret_failure,
			"%s says that %s is not good: let its issuer make another certificate",
			path, pair->certificate.path);
	*ret_end = end;
	return 0;
}

/* --- showing it --- */

static int show(SSL *ssl, void *arg)
{
	const struct cor_tls_staple *staple = arg;

	if (staple->end && X509_cmp_current_time(staple->end) < 0)
		return SSL_TLSEXT_ERR_NOACK;
	unsigned char *copy = OPENSSL_memdup(staple->bytes, staple->len);
	if (!copy)
		return SSL_TLSEXT_ERR_NOACK;
	SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)staple->len);
	return SSL_TLSEXT_ERR_OK;
}

static int make(struct cor_str bytes, const ASN1_GENERALIZEDTIME *end, struct cor_tls_staple **ret)
{
	struct cor_tls_staple *staple = malloc(sizeof *staple + bytes.len);

	if (!staple)
		return -ENOMEM;
	staple->end = end ? ASN1_STRING_dup(end) : NULL;
	staple->len = bytes.len;
	memcpy(staple->bytes, bytes.data, bytes.len);
	if (end && !staple->end) {
		free(staple);
		return -ENOMEM;
	}
	*ret = staple;
	return 0;
}

int cor_tls_staple_use(const struct cor_tls_pair *pair, SSL_CTX *context,
	struct cor_tls_staple **ret, struct cor_start_failure *ret_failure)
{
	const struct cor_str bytes = pair->staple.bytes;
	const unsigned char *at = (const unsigned char *)bytes.data;
	ASN1_GENERALIZEDTIME *end = NULL;

	*ret = NULL;
	if (!pair->staple.path)
		return 0;
	OCSP_RESPONSE *response = bytes.len > INT_MAX
					  ? NULL
					  : d2i_OCSP_RESPONSE(NULL, &at, (long)bytes.len);
	OCSP_BASICRESP *answers = response ? OCSP_response_get1_basic(response) : NULL;
	int rc =
		answers ? judge(pair, answers, SSL_CTX_get0_certificate(context), &end, ret_failure)
			: cor_tls_refuse(ret_failure,
				  "%s holds no answer of an OCSP responder: name what `openssl ocsp "
				  "-respout FILE` writes",
				  pair->staple.path);
	if (rc == 0)
		rc = make(bytes, end, ret);
	OCSP_BASICRESP_free(answers);
	OCSP_RESPONSE_free(response);
	if (rc < 0)
		return rc;
	SSL_CTX_set_tlsext_status_cb(context, show);
	SSL_CTX_set_tlsext_status_arg(context, *ret);
	return 0;
}

const ASN1_GENERALIZEDTIME *cor_tls_staple_end(const struct cor_tls_staple *staple)
{
	return staple ? staple->end : NULL;
}

void cor_tls_staple_free(struct cor_tls_staple *staple)
{
	if (staple)
		ASN1_STRING_free(staple->end);
	free(staple);
}
