/* SPDX-License-Identifier: MIT */
/** What a request shows of itself: the credential of a scheme, read from its header or query. */
#ifndef CORACLE_SECURITY_CREDENTIAL_H
#define CORACLE_SECURITY_CREDENTIAL_H

#include <coracle/security.h>

#include "exchange/exchange.h"

/** Where an API key is, unless the scheme says so. */
#define COR_API_KEY_HEADER "X-API-Key"

/** It shows one of a session, and the cache that could tell whose fails. */
#define COR_CREDENTIAL_UNKNOWN 2

/** The name of the header, parameter or cookie of an API key. */
const char *cor_scheme_key(const struct cor_security_scheme *scheme);

/** Where it is. */
enum cor_from cor_scheme_source(const struct cor_security_scheme *scheme);

/** Whether two schemes look for their credential in the same place. */
bool cor_scheme_reads_same(
	const struct cor_security_scheme *a, const struct cor_security_scheme *b);

/** Its name in the document. */
const char *cor_scheme_name(const struct cor_security_scheme *scheme);

/**
 * Read the credential of a scheme, into ctx memory. Yields for a session in a cache, as its store
 * does. Returns 1; 0 if the request shows none; COR_CREDENTIAL_UNKNOWN; -EACCES if it shows one
 * that breaks its own syntax; -ENOMEM, or what the scope has come to.
 */
int cor_credential_read(struct cor_exchange *x, const struct cor_security_scheme *scheme,
	struct cor_credential *ret) COR_CHECKED;

#endif
