/* SPDX-License-Identifier: MIT */
#include "limit/whose.h"

#include <errno.h>
#include <string.h>

#include <coracle/ip.h>
#include <coracle/request.h>
#include <coracle/security.h>

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
	struct cor_str name;

	int rc = scheme ? cor_admission_name(&x->ctx, scheme, &name) : -ENOENT;
	if (rc == -ENOENT)
		return whose_address(x, ret);
	if (rc < 0)
		return rc;
	size_t before = strlen(scheme->principal->symbol) + 1;
	char *text = cor_alloc(&x->ctx, before + name.len);
	if (!text)
		return -ENOMEM;
	memcpy(text, scheme->principal->symbol, before); /* with its NUL */
	memcpy(text + before, name.data, name.len);
	*ret = (struct cor_str){ text, before + name.len };
	return 0;
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
