/* SPDX-License-Identifier: MIT */
#include "limit/whose.h"

#include <errno.h>
#include <string.h>

#include <coracle/ip.h>
#include <coracle/request.h>
#include <coracle/security.h>

#include "base/buffer.h"
#include "schema/bind.h"
#include "security/admission.h"

/* ::ffff:192.0.2.1: a client of version 4 at a socket of version 6. */
static bool is_mapped(const struct cor_ip *ip)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return ip->version == 6 && memcmp(ip->bytes, prefix, sizeof prefix) == 0;
}

/*
 * One client, however its address is written. A household has 2^64 addresses of IPv6, and would
 * have as many limits.
 */
static int whose_address(struct cor_exchange *x, struct cor_str *ret)
{
	const char *client = cor_request_client(&x->ctx);
	struct cor_ip ip;

	if (!client)
		return -ENOMEM;
	*ret = cor_str(client[0] ? client : "unix");
	if (cor_ip_parse(*ret, &ip) < 0)
		return 0;
	size_t from = is_mapped(&ip) ? 12 : 0, len = ip.version == 6 && from == 0 ? 8 : 4;
	char *bytes = cor_arena_copy(&x->ctx.arena, ip.bytes + from, len);
	*ret = (struct cor_str){ bytes, len };
	return bytes ? 0 : -ENOMEM;
}

/* The schema before it: the "7" of users is not that of machines. */
static int whose_principal(struct cor_exchange *x, struct cor_str *ret)
{
	const struct cor_admission *admission = cor_admission_of(&x->ctx);
	const struct cor_security_scheme *scheme = admission ? admission->scheme : NULL;
	const void *principal = scheme ? cor_ctx_value(&x->ctx, scheme->principal) : NULL;
	struct cor_buffer text = { 0 };
	struct cor_rows rows;

	const struct cor_field *first = principal ? cor_rows_first(&rows, scheme->principal) : NULL;
	if (!first)
		return whose_address(x, ret);
	cor_buffer_printf(&text, "%s ", scheme->principal->symbol);
	int rc = cor_row_text(first, principal, &text);
	if (cor_buffer_error(&text) < 0)
		rc = cor_buffer_error(&text);
	if (rc > 0) {
		char *copy = cor_arena_copy(&x->ctx.arena, text.data, text.len);
		*ret = (struct cor_str){ copy, text.len };
		rc = copy ? 0 : -ENOMEM;
	} else if (rc == 0 || rc == -COR_EINVALID) {
		rc = whose_address(x, ret);
	}
	cor_buffer_finish(&text);
	return rc;
}

int cor_limit_whose(struct cor_exchange *x, const struct cor_limit *limit, struct cor_str *ret)
{
	if (limit->key)
		return limit->key(&x->ctx, ret);
	switch (limit->by) {
	case COR_BY_PRINCIPAL:
		return whose_principal(x, ret);
	case COR_BY_NOBODY:
		*ret = COR_STR("*");
		return 0;
	default:
		return whose_address(x, ret);
	}
}
