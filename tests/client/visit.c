/* SPDX-License-Identifier: MIT */
/*
 * Calls by a program without a server, one after the other, with one jar:
 * visit [--digest USER PASSWORD] URL PATH...
 */
#include <stdio.h>
#include <string.h>

#include <coracle/coracle.h>
#include <coracle/hashing.h>

static const char *password;

static const char *get_password(struct cor_ctx *ctx)
{
	(void)ctx;
	return password;
}

static struct cor_credentials digest = { .digest = { .hashing = &cor_hashing,
						 .password = get_password } };

static struct cor_upstream upstream = { .name = "visited" };
static const struct cor_service service = {
	.name = "visit",
	.version = "1.0",
	.upstreams = COR_UPSTREAMS(&upstream),
};

static void visit(struct cor_ctx *ctx, struct cor_cookie_jar *jar, const char *path)
{
	int status = 0;
	int rc = cor_http_get(ctx, &upstream, COR_NONE, NULL, COR_PATH_AS_IS(path), .jar = jar,
		.ret_status = &status);

	if (rc < 0)
		printf("%s: %s\n", path, cor_http_failure(ctx)->text);
	else
		printf("%s: %d\n", path, status);
}

static void print_jar(struct cor_ctx *ctx, struct cor_cookie_jar *jar)
{
	const struct cor_jar_cookie *at = cor_cookie_jar_list(ctx, jar);

	for (; at && at->name; at++)
		printf("%s=%s of %s%s\n", at->name, at->value, at->domain, at->path);
}

int main(int argc, char **argv)
{
	struct cor_ctx *ctx;
	struct cor_cookie_jar *jar;

	if (argc > 4 && strcmp(argv[1], "--digest") == 0) {
		digest.digest.user = argv[2];
		password = argv[3];
		upstream.credentials = &digest;
		argv += 3;
		argc -= 3;
	}
	if (argc < 3)
		return 64;
	upstream.base_url = argv[1];
	if (cor_ctx_create(&(struct cor_ctx_options){ .service = &service }, &ctx) < 0)
		return 1;
	int rc = cor_cookie_jar_create(&jar);
	for (int i = 2; rc == 0 && i < argc; i++)
		visit(ctx, jar, argv[i]);
	if (rc == 0) {
		print_jar(ctx, jar);
		cor_cookie_jar_destroy(jar);
	}
	cor_ctx_destroy(ctx);
	return rc == 0 ? 0 : 1;
}
