/* SPDX-License-Identifier: MIT */
/*
 * What calls to another server cost, in one process and one thread: calls PORT CALLS. 50 fibers ask
 * for /json and decode it by its schema. Prints a line of JSON.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <coracle/coracle.h>

#define FIBERS 50

struct message {
	const char *message;
};
static const struct cor_field message_fields[] = { COR_FIELD(struct message, message) };
COR_LOCAL_SCHEMA(message_schema, struct message, message_fields);

static struct cor_upstream origin = { .name = "origin" };
static const struct cor_service service = {
	.name = "calls",
	.version = "1",
	.upstreams = COR_UPSTREAMS(&origin),
	.schemas = COR_SCHEMAS(message_schema),
};

static int64_t asked, begun;

static double cpu_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static struct cor_ctx *make_ctx(void)
{
	struct cor_ctx *ctx;

	if (cor_ctx_create(&(struct cor_ctx_options){ .service = &service }, &ctx) < 0)
		abort();
	return ctx;
}

static int call_on(struct cor_ctx *parent, void *nothing)
{
	struct cor_ctx *ctx = make_ctx();

	(void)parent, (void)nothing;
	while (begun++ < asked) {
		struct message message;
		if (cor_http_get(ctx, &origin, message_schema, &message, COR_PATH("/json")) < 0)
			abort();
	}
	cor_ctx_destroy(ctx);
	return 0;
}

static int begin(void *nothing)
{
	struct cor_ctx *ctx = make_ctx();
	struct cor_group group;

	(void)nothing;
	cor_group_begin(&group, ctx, COR_ALL);
	for (int i = 0; i < FIBERS; i++)
		cor_group_start(&group, call_on, NULL);
	int rc = cor_group_wait(&group);
	cor_ctx_destroy(ctx);
	return rc;
}

int main(int argc, char **argv)
{
	struct cor_scheduler *scheduler;
	char url[64];

	if (argc != 3)
		return 64;
	snprintf(url, sizeof url, "http://127.0.0.1:%d", (int)strtol(argv[1], NULL, 10));
	origin.base_url = url;
	asked = strtoll(argv[2], NULL, 10);
	double before_us = cpu_us();
	int64_t began_ns = cor_monotonic_ns();
	if (cor_scheduler_create(NULL, &scheduler) < 0 ||
		cor_fiber_start(scheduler, begin, NULL, NULL, NULL) < 0)
		return 1;
	cor_scheduler_stop(scheduler);
	int rc = cor_scheduler_run(scheduler);
	double took_s = (double)(cor_monotonic_ns() - began_ns) / 1e9;
	printf("{\"calls\": %" PRId64 ", \"cpu_us\": %.2f, \"calls_a_second\": %.0f}\n", asked,
		(cpu_us() - before_us) / (double)asked, (double)asked / took_s);
	cor_scheduler_destroy(scheduler);
	return rc < 0;
}
