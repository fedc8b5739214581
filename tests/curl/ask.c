/* SPDX-License-Identifier: MIT */
/*
 * A program that calls a server, with nothing but the public interface and the shared libraries:
 * ask URL CA-FILE|- PROXY|environment|- [fiber]. Prints the answer, or the failure's name and text.
 */
#include <stdio.h>
#include <string.h>

#include <coracle/coracle.h>
#include <coracle/curl.h>

static struct cor_upstream_tls tls;
static struct cor_upstream origin = {
	.name = "origin",
	.carrier = &cor_curl,
	.tls = &tls,
	.retries = 1,
	.timeout_ms = 5000,
};
static const struct cor_service service = {
	.name = "ask",
	.version = "1",
	.upstreams = COR_UPSTREAMS(&origin),
};

static int ask(void *arg)
{
	struct cor_ctx *ctx = arg;
	struct cor_str body;
	int rc = cor_http_get(ctx, &origin, COR_TEXT, &body, COR_PATH("/"));

	if (rc == 0)
		printf("%.*s\n", (int)body.len, body.data);
	else
		printf("%s: %s: %s\n", cor_errname(rc),
			cor_failure_name(cor_http_failure(ctx)->kind), cor_http_failure(ctx)->text);
	return rc;
}

static int ask_in_fiber(struct cor_ctx *ctx)
{
	struct cor_scheduler *scheduler;
	struct cor_fiber *fiber;
	int rc = cor_scheduler_create(NULL, &scheduler);

	if (rc == 0)
		rc = cor_fiber_start(scheduler, ask, ctx, NULL, &fiber);
	if (rc < 0)
		return rc;
	cor_scheduler_stop(scheduler);
	rc = cor_scheduler_run(scheduler);
	cor_fiber_join(fiber, NULL);
	cor_scheduler_destroy(scheduler);
	return rc;
}

int main(int argc, char **argv)
{
	struct cor_ctx *ctx;

	if (argc < 4)
		return 64;
	origin.base_url = argv[1];
	tls.ca_file = strcmp(argv[2], "-") == 0 ? NULL : argv[2];
	if (strcmp(argv[3], "environment") == 0)
		origin.environment = COR_ENVIRONMENT_TRUSTED;
	else
		origin.proxy = strcmp(argv[3], "-") == 0 ? NULL : argv[3];
	int rc = cor_ctx_create(&(struct cor_ctx_options){ .service = &service }, &ctx);
	if (rc < 0) {
		printf("%s\n", cor_errname(rc));
		return 1;
	}
	rc = argc > 4 ? ask_in_fiber(ctx) : ask(ctx);
	cor_ctx_destroy(ctx);
	return rc < 0;
}
