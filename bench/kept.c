/* SPDX-License-Identifier: MIT */
/*
 * What a call costs whose answer is kept (.cache of an upstream), in one thread: kept CALLS. Each
 * is made, found and decoded by its schema. Prints a line of JSON.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <coracle/coracle.h>

struct message {
	const char *message;
};
static const struct cor_field message_fields[] = { COR_FIELD(struct message, message) };
COR_LOCAL_SCHEMA(message_schema, struct message, message_fields);

static const char *token(struct cor_ctx *ctx)
{
	(void)ctx;
	return "a-token-of-some-length";
}

static const struct cor_cache memory = { .name = "memory", .store = &cor_memory_store };
static const struct cor_cache shared = { .name = "shared", .store = &cor_shared_store };
static const struct cor_upstream origins[] = {
	{ .name = "memory", .base_url = "http://origin", .cache = &memory },
	{ .name = "shared", .base_url = "http://origin", .cache = &shared },
	{ .name = "token",
		.base_url = "http://origin",
		.cache = &memory,
		.credentials = COR_CREDENTIALS(.bearer = token) },
};
#define ORIGINS (sizeof origins / sizeof origins[0])

static const struct cor_service service = {
	.name = "kept",
	.version = "1",
	.upstreams = COR_UPSTREAMS(&origins[0], &origins[1], &origins[2]),
	.caches = COR_CACHES(&memory, &shared),
	.schemas = COR_SCHEMAS(message_schema),
};

static double cpu_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* Of the processor; a third and more of it is for memory that no call had before. */
static double call_ns(struct cor_ctx *ctx, const struct cor_upstream *origin, int64_t calls)
{
	struct message message;
	double begin_us = 0;

	for (int64_t i = -1; i < calls; i++) {
		if (i == 0)
			begin_us = cpu_us();
		if (cor_http_get(ctx, origin, message_schema, &message, COR_PATH("/json")) < 0)
			abort();
	}
	return (cpu_us() - begin_us) * 1000 / (double)calls;
}

int main(int argc, char **argv)
{
	int64_t calls = argc == 2 ? strtoll(argv[1], NULL, 10) : 0;
	struct cor_script *script;
	struct cor_ctx *ctx;

	if (calls <= 0)
		return 64;
	/* each upstream asks once */
	if (cor_script_create(&script) < 0 ||
		cor_script_add(script,
			&(struct cor_scripted){ .times = ORIGINS,
				.headers = COR_HTTP_FIELDS({ "Cache-Control", "max-age=3600" },
					{ "Date", "Sun, 06 Nov 2044 08:49:37 GMT" },
					{ "ETag", "\"a\"" }, { "Content-Length", "27" }),
				.body = "{\"message\":\"Hello, World!\"}" }) < 0 ||
		cor_ctx_create(&(struct cor_ctx_options){ .service = &service, .script = script },
			&ctx) < 0)
		return 1;
	printf("{\"calls\": %" PRId64, calls);
	for (size_t i = 0; i < ORIGINS; i++)
		printf(", \"%s_ns\": %.0f", origins[i].name, call_ns(ctx, &origins[i], calls));
	printf("}\n");
	cor_ctx_destroy(ctx);
	cor_script_destroy(script);
	return 0;
}
