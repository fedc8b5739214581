/* SPDX-License-Identifier: MIT */
/*
 * Calls whose answers are kept, by a program without a server: keeper URL [PLACE], and on each line
 * of its input "METHOD PATH", or "METHOD PATH NAME: VALUE" with a header. Prints the status, where
 * the answer has come from, and its body. A place is a directory, or a server of memcached.
 */
#include <stdio.h>
#include <string.h>

#include <coracle/coracle.h>
#ifdef WITH_CURL
#include <coracle/curl.h>
#endif

static struct cor_cache answers = { .name = "answers" };
static struct cor_upstream origin = {
	.name = "origin",
	.cache = &answers,
#ifdef WITH_CURL
	.carrier = &cor_curl,
#endif
};
static const struct cor_service service = {
	.name = "keeper",
	.version = "1.0",
	.upstreams = COR_UPSTREAMS(&origin),
	.caches = COR_CACHES(&answers),
};

static void call(struct cor_ctx *ctx, const char *method, const char *path,
	const struct cor_http_field *field)
{
	static const char *const sources[] = { "server", "fresh", "validated", "stale" };
	enum cor_answer_source source;
	struct cor_str body = { NULL, 0 };
	int status = 0;
	int rc = cor_http_request(method, ctx, &origin, COR_BYTES, &body, COR_PATH_AS_IS(path),
		.headers = field, .ret_status = &status, .ret_source = &source);

	if (rc < 0)
		printf("%s\n", cor_failure_name(cor_http_failure(ctx)->kind));
	else
		printf("%d %s %.*s\n", status, sources[source], (int)body.len,
			body.data ? body.data : "");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct cor_ctx *ctx;
	char line[256];

	if (argc < 2)
		return 64;
	origin.base_url = argv[1];
	if (argc == 3) {
		answers.store = argv[2][0] == '/' ? &cor_file_store : &cor_memcached_store;
		answers.at = argv[2];
	}
	if (cor_ctx_create(&(struct cor_ctx_options){ .service = &service }, &ctx) < 0)
		return 1;
	while (fgets(line, sizeof line, stdin)) {
		char method[16], path[64], name[32] = "", value[64] = "";
		if (sscanf(line, "%15s %63s %31[^:]: %63[^\n]", method, path, name, value) < 2)
			break;
		const struct cor_http_field fields[] = { { name, value }, { NULL, NULL } };
		call(ctx, method, path, name[0] ? fields : NULL);
	}
	cor_ctx_destroy(ctx);
	return 0;
}
