/* SPDX-License-Identifier: MIT */
/*
 * A service whose requests make 50 calls each, at the same time and with a deadline: GET /gather.
 * Of the calls 5 % come too late, and 5 % are answered with 404. --upstream-origin-url is the bench
 * service.
 */
#include <coracle/coracle.h>

#define CALLS       50
#define DEADLINE_MS 300

static const struct cor_upstream origin = {
	.name = "origin",
	.base_url = "http://127.0.0.1:8081",
	.in_flight = 10000,
	.kept = 1000,
};

struct message {
	const char *message;
};
static const struct cor_field message_fields[] = { COR_FIELD(struct message, message) };
COR_LOCAL_SCHEMA(message_schema, struct message, message_fields);

struct gathered {
	uint32_t done;
	uint32_t missing;
	uint32_t late;
	int64_t past_us; /* the deadline */
};
static const struct cor_field gathered_fields[] = {
	COR_FIELD(struct gathered, done),
	COR_FIELD(struct gathered, missing),
	COR_FIELD(struct gathered, late),
	COR_FIELD(struct gathered, past_us),
};
COR_LOCAL_SCHEMA(gathered_schema, struct gathered, gathered_fields);

struct one {
	uint64_t number;
	struct gathered *into;
};

static int call(struct cor_ctx *ctx, const struct one *one)
{
	static const char *const paths[20] = { "/delay/5000", "/missing" };
	static const struct cor_http_field any[] = { { "Accept", "*/*" }, { NULL, NULL } };
	const char *path = paths[one->number % 20];
	struct message message;
	int status;
	int rc = cor_http_get(ctx, &origin, message_schema, &message,
		COR_PATH_AS_IS(path ? path : "/json"), .headers = any, .ret_status = &status);

	if (rc < 0)
		one->into->late++;
	else if (status == 200)
		one->into->done++;
	else
		one->into->missing++;
	return rc;
}

static int gather(struct cor_ctx *ctx, const struct cor_none *none, struct gathered *into)
{
	static _Atomic uint64_t numbers;
	struct one all[CALLS];
	struct cor_scope scope;
	struct cor_group group;
	int64_t began_ns = cor_monotonic_ns();

	(void)none;
	cor_scope_enter(&scope, DEADLINE_MS);
	cor_group_begin(&group, ctx, COR_BEST_EFFORT);
	for (size_t i = 0; i < CALLS; i++) {
		all[i] = (struct one){ numbers++, into };
		cor_group_start(&group, call, &all[i]);
	}
	cor_ignore(cor_group_wait(&group));
	cor_scope_leave(&scope);
	into->past_us = (cor_monotonic_ns() - began_ns) / 1000 - 1000 * DEADLINE_MS;
	return 0;
}
COR_OPERATION(gather_operation, gather, COR_NONE, gathered_schema, .summary = "Gather");
static const struct cor_resource gathering = { .path = "/gather", .get = &gather_operation };

static const struct cor_service service = {
	.name = "gather",
	.version = "1.0.0",
	.upstreams = COR_UPSTREAMS(&origin),
	.resources = COR_RESOURCES(&gathering),
	.schemas = COR_SCHEMAS(message_schema),
	.defaults = "{\"access_log\": false, \"log_level\": \"error\"}",
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &service);
}
