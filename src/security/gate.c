/* SPDX-License-Identifier: MIT */
#include "security/gate.h"

#include "cors/cors.h"
#include "http/origin.h"
#include "security/credential.h"

bool cor_gate_reads(const struct cor_gate *gate, struct cor_str parameter)
{
	for (const struct cor_security *way = gate->ways; way->scheme; way++)
		if (way->scheme->kind == COR_CREDENTIAL_API_KEY &&
			cor_scheme_source(way->scheme) == COR_FROM_QUERY &&
			cor_str_equal(cor_str(cor_scheme_key(way->scheme)), parameter))
			return true;
	return false;
}

bool cor_scheme_is_ambient(const struct cor_security_scheme *scheme)
{
	return scheme->kind == COR_CREDENTIAL_SESSION ||
	       (scheme->kind == COR_CREDENTIAL_API_KEY &&
		       cor_scheme_source(scheme) == COR_FROM_COOKIE);
}

/* RFC 9110 section 9.2.1. */
static bool is_safe(enum cor_method method)
{
	return method == COR_METHOD_GET || method == COR_METHOD_HEAD ||
	       method == COR_METHOD_OPTIONS;
}

/*
 * Fetch Metadata, which browsers send to https and to loopback; else Origin, which they send with
 * all that is not safe. A page of the same site is another's as well: not all of its hosts are
 * ours.
 */
bool cor_gate_is_crossed(const struct cor_gate *gate, struct cor_exchange *x)
{
	struct cor_str site = cor_exchange_header(x, COR_STR("sec-fetch-site"));
	struct cor_str origin = cor_exchange_header(x, COR_STR("origin"));

	if (is_safe(x->head.method) || (!site.data && !origin.data))
		return false;
	if (origin.data && cor_cors_trusts(gate->cors, origin))
		return false;
	if (site.data)
		return !cor_str_equal(site, COR_STR("same-origin")) &&
		       !cor_str_equal(site, COR_STR("none"));
	return !cor_origin_is_of(origin, cor_request_host(&x->ctx));
}
