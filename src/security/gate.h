/* SPDX-License-Identifier: MIT */
/** The gate of a place: whom it lets in. */
#ifndef CORACLE_SECURITY_GATE_H
#define CORACLE_SECURITY_GATE_H

#include <stdbool.h>

#include <coracle/security.h>
#include <coracle/str.h>

#include "exchange/exchange.h"

/** The service that declares whom a place lets in. */
struct cor_guard {
	const char *realm;                         /* of schemes that have none */
	const struct cor_environment *environment; /* NULL: that of the request */
};

/** Whom a place lets in. */
struct cor_gate {
	const struct cor_security *ways; /* a row without a scheme ends them */
	const struct cor_guard *guard;
};

/** Whether a scheme of the gate reads that parameter of the query. */
bool cor_gate_reads(const struct cor_gate *gate, struct cor_str parameter);

/** Whether a browser sends the credentials of a scheme by itself: they are in a cookie. */
bool cor_scheme_is_ambient(const struct cor_security_scheme *scheme);

#endif
