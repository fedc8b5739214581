/* SPDX-License-Identifier: MIT */
#include <coracle/coracle.h>
struct guest {
	const char *name;
};
static const struct cor_field guest_fields[] = { COR_FIELD(struct guest, name) };
COR_LOCAL_SCHEMA(guest_schema, struct guest, guest_fields);

struct greeting {
	const char *text;
};
static const struct cor_field greeting_fields[] = { COR_FIELD(struct greeting, text) };
COR_LOCAL_SCHEMA(greeting_schema, struct greeting, greeting_fields);

static int greet(struct cor_ctx *ctx, const struct guest *guest, struct greeting *greeting)
{
	greeting->text = cor_printf(ctx, "Hello, %s!", guest->name);
	return greeting->text ? 0 : -ENOMEM;
}
COR_OPERATION(greet_operation, greet, guest_schema, greeting_schema, .summary = "Say hello");
static const struct cor_resource hello = { .path = "/hello", .get = &greet_operation };
static const struct cor_service service = { .name = "hello", .resources = COR_RESOURCES(&hello) };

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &service);
}
