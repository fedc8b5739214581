/* SPDX-License-Identifier: MIT */
#include "client/carrier_calls.h"

#include <errno.h>

#include "base/buffer.h"
#include "resolver/shared.h"

static int print(struct cor_resolver *resolver, struct cor_str host, struct cor_arena *arena,
	const char **ret)
{
	struct cor_addresses addresses;
	struct cor_buffer buffer = { 0 };
	char text[COR_ADDRESS_TEXT_BYTES];
	int rc = cor_resolver_find(resolver, host, 0, &addresses);

	for (size_t i = 0; rc == 0 && i < addresses.len; i++) {
		if (i)
			cor_buffer_byte(&buffer, ',');
		cor_address_print_host(&addresses.list[i], text);
		cor_buffer_append_str(&buffer, cor_str(text));
	}
	if (rc == 0)
		rc = cor_buffer_error(&buffer);
	const char *copy = rc == 0 ? cor_arena_copy(arena, buffer.data, buffer.len) : NULL;
	cor_buffer_finish(&buffer);
	if (rc == 0 && !copy)
		rc = -ENOMEM;
	if (rc == 0)
		*ret = copy;
	return rc;
}

const struct cor_carrier_calls cor_carrier_calls = {
	.interface = COR_CARRIER_CALLS_INTERFACE,
	.runtime = &cor_runtime_calls,
	.resolver_take = cor_resolver_take,
	.resolver_give = cor_resolver_give,
	.resolver_print = print,
	.resolver_strerror = cor_resolver_strerror,
};
