/* SPDX-License-Identifier: MIT */
#include "tls/sessions.h"

#include <string.h>

#include <openssl/evp.h>

#define PARTS 3

_Static_assert(SHA256_DIGEST_LENGTH <= SSL_MAX_SID_CTX_LENGTH, "OpenSSL takes all of it");

static struct cor_str text(const char *of)
{
	return (struct cor_str){ of, strlen(of) };
}

/* A digest of digests: where one part ends is not a matter of what it says. */
static void digest(const struct cor_str *parts, size_t len, uint8_t ret[SHA256_DIGEST_LENGTH])
{
	uint8_t digests[PARTS][SHA256_DIGEST_LENGTH];

	for (size_t i = 0; i < len; i++)
		SHA256((const unsigned char *)parts[i].data, parts[i].len, digests[i]);
	SHA256(digests[0], len * sizeof digests[0], ret);
}

void cor_tls_sessions_bind(const struct cor_tls_options *options, const struct cor_tls_pair *pair,
	struct cor_tls_shown *shown)
{
	const struct cor_str parts[PARTS] = {
		text(pair->certificate.path),
		options->client_ca.path ? options->client_ca.bytes : text(""),
		text(options->needs_client ? "required" : "optional"),
	};

	digest(parts, PARTS, shown->sessions);
}

bool cor_tls_sessions_limit(const struct cor_tls_shown *shown, const char *place, SSL *ssl)
{
	const struct cor_str parts[] = {
		{ (const char *)shown->sessions, sizeof shown->sessions },
		text(place ? place : ""),
	};
	uint8_t name[SHA256_DIGEST_LENGTH];

	digest(parts, sizeof parts / sizeof parts[0], name);
	return SSL_set_session_id_context(ssl, name, sizeof name) == 1;
}
