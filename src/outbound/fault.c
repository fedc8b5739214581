/* SPDX-License-Identifier: MIT */
#include "outbound/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include <coracle/error.h>

int cor_outbound_fail(
	struct cor_wire *wire, enum cor_failure kind, int code, const char *format, ...)
{
	va_list args;

	wire->fault.kind = kind;
	va_start(args, format);
	vsnprintf(wire->fault.text, sizeof wire->fault.text, format, args);
	va_end(args);
	return code;
}

int cor_outbound_fail_lost(struct cor_wire *wire, ssize_t end, const char *when)
{
	const struct cor_str *who = &wire->request->authority;

	if (end == 0)
		return cor_outbound_fail(wire, COR_FAILED_LOST, -ECONNRESET,
			"%.*s closed the connection %s", (int)who->len, who->data, when);
	return cor_outbound_fail(wire, COR_FAILED_LOST, -ECONNRESET,
		"the connection to %.*s was lost %s: %s", (int)who->len, who->data, when,
		cor_strerror((int)end));
}

int cor_outbound_fail_protocol(struct cor_wire *wire, const struct cor_http_error *error)
{
	const struct cor_str *who = &wire->request->authority;
	bool is_limit = error->status == 413 || error->status == 414 || error->status == 431;

	if (is_limit)
		return cor_outbound_fail(wire, COR_FAILED_TOO_LARGE, -EMSGSIZE,
			"the answer of %.*s exceeds a limit: %s", (int)who->len, who->data,
			error->reason);
	return cor_outbound_fail(wire, COR_FAILED_PROTOCOL, -EBADMSG,
		"the answer of %.*s breaks HTTP: %s", (int)who->len, who->data, error->reason);
}
