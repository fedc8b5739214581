/* SPDX-License-Identifier: MIT */
/* A service that returns a raw JSON value unchanged, for test_json_suite.py. */
#include <coracle/coracle.h>

struct envelope {
	struct cor_json value;
};
static const struct cor_field envelope_fields[] = {
	COR_FIELD(struct envelope, value),
};
COR_DECLARE_SCHEMA(envelope_schema, struct envelope);
COR_SCHEMA(envelope_schema, envelope_fields);

static int echo(struct cor_ctx *ctx, const struct envelope *in, struct envelope *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(echo_operation, echo, envelope_schema, envelope_schema);

static const struct cor_resource values = { .path = "/values", .post = &echo_operation };
static const struct cor_service raw = {
	.name = "raw",
	.version = "1",
	.resources = COR_RESOURCES(&values),
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &raw);
}
