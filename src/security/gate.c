/* SPDX-License-Identifier: MIT */
#include "security/gate.h"

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
