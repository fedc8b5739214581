/* SPDX-License-Identifier: MIT */
/** A service that does nothing, so that its ctx knows schemas. */
#ifndef CORACLE_TESTS_JWT_SERVICE_H
#define CORACLE_TESTS_JWT_SERVICE_H

#include <coracle/service.h>

static int do_nothing(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(nothing, do_nothing, COR_NONE, COR_NONE);
static const struct cor_resource root = { .path = "/", .get = &nothing };

/** For the definition of a struct cor_service: SERVICE_OF(a_schema, b_schema). */
#define SERVICE_OF(...)                                                                            \
	{                                                                                          \
		.name = "test", .version = "1", .resources = COR_RESOURCES(&root),                 \
		.schemas = COR_SCHEMAS(__VA_ARGS__)                                                \
	}

#endif
