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
static void digest(const struct cor_str parts[PARTS], uint8_t ret[SHA256_DIGEST_LENGTH])
{
	uint8_t digests[PARTS][SHA256_DIGEST_LENGTH];

	for (size_t i = 0; i < PARTS; i++)
		SHA256((const unsigned char *)parts[i].data, parts[i].len, digests[i]);
	SHA256(digests[0], sizeof digests, ret);
}

void cor_tls_sessions_bind(const struct cor_tls_options *options, const struct cor_tls_pair *pair,
	struct cor_tls_shown *shown)
{
	const struct cor_str parts[PARTS] = {
		text(pair->certificate.path),
		options->client_ca.path ? options->client_ca.bytes : text(""),
		text(options->needs_client ? "required" : "optional"),
	};

	digest(parts, shown->sessions);
}

/* FNV-1a, for it is done in each handshake: nobody chooses addresses so that two are the same. */
static uint64_t hash(const char *place)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (const char *at = place ? place : ""; *at; at++)
		sum = (sum ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
	return sum;
}

bool cor_tls_sessions_limit(const struct cor_tls_shown *shown, const char *place, SSL *ssl)
{
	uint64_t there = hash(place);
	uint8_t name[SHA256_DIGEST_LENGTH];

	memcpy(name, shown->sessions, sizeof name);
	memcpy(name + sizeof name - sizeof there, &there, sizeof there);
	return SSL_set_session_id_context(ssl, name, sizeof name) == 1;
}
