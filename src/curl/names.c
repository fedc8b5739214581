/* SPDX-License-Identifier: MIT */
#include "curl/names.h"

#include <errno.h>
#include <stdio.h>

#include <coracle/ip.h>

static int fail(struct cor_curl_wire *wire, int code)
{
	struct cor_carrier_fault *fault = &wire->wire.fault;
	const struct cor_str *host = &wire->wire.request->destination->host;

	if (code == -ETIMEDOUT || code == -ECANCELED || code == -ENOMEM)
		return code;
	fault->kind = COR_FAILED_RESOLVE;
	snprintf(fault->text, sizeof fault->text, "no address of %.*s: %s", (int)host->len,
		host->data, wire->state->calls->resolver_strerror(code));
	return -EHOSTUNREACH;
}

int cor_curl_names_set(struct cor_curl_wire *wire)
{
	const struct cor_carrier_calls *calls = wire->state->calls;
	const struct cor_carrier_request *request = wire->wire.request;
	const struct cor_destination *to = request->destination;
	const char *addresses;
	struct cor_ip ip;

	if (to->unix_path || to->proxy.len || cor_ip_parse(to->host, &ip) == 0)
		return 0;
	int rc = calls->resolver_print(wire->state->resolver, to->host, request->arena, &addresses);
	if (rc < 0)
		return fail(wire, rc);
	/* '+': it is forgotten again, as what curl has found itself */
	char *entry = cor_arena_printf(request->arena, "+%.*s:%u:%s", (int)to->host.len,
		to->host.data, (unsigned)to->port, addresses);
	struct curl_slist *list = cor_arena_alloc(request->arena, sizeof *list);
	if (!entry || !list)
		return -ENOMEM;
	*list = (struct curl_slist){ .data = entry };
	curl_easy_setopt(wire->easy, CURLOPT_RESOLVE, list);
	return 0;
}
