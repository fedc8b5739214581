/* SPDX-License-Identifier: MIT */
/*
 * Fetch URL: a program that calls a server as each line of its standard input says, with one jar of
 * cookies, and prints what it has got. A line is METHOD PATH WHO FIELD VALUE TYPE BODY, between
 * tabs, each but the first two empty or a value; WHO is KIND:USER:SECRET.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/compression.h>
#include <coracle/coracle.h>
#include <coracle/hashing.h>

enum { METHOD, PATH, WHO, FIELD, VALUE, TYPE, BODY, COLUMNS };

static struct cor_upstream origin = {
	.name = "origin",
	.timeout_ms = 20000,
	.codings = COR_CODINGS(&cor_gzip, &cor_brotli),
};
static const struct cor_service service = {
	.name = "fetch",
	.version = "1",
	.upstreams = COR_UPSTREAMS(&origin),
};

static const char *user, *secret;

static const char *user_of(struct cor_ctx *ctx)
{
	(void)ctx;
	return user;
}

static const char *secret_of(struct cor_ctx *ctx)
{
	(void)ctx;
	return secret;
}

static const struct cor_credentials basic = { .basic = {
						      .user_of = user_of, .password = secret_of } };
static const struct cor_credentials digest = {
	.digest = { .hashing = &cor_hashing, .user_of = user_of, .password = secret_of }
};
static const struct cor_credentials bearer = { .bearer = secret_of };

static const struct cor_credentials *credentials_of(char *who)
{
	const char *kind = strsep(&who, ":");

	user = strsep(&who, ":");
	secret = who;
	if (strcmp(kind, "basic") == 0)
		return &basic;
	if (strcmp(kind, "digest") == 0)
		return &digest;
	if (strcmp(kind, "bearer") == 0)
		return &bearer;
	return NULL;
}

static void print_head(const struct cor_answer *answer)
{
	printf("%d\n", cor_answer_status(answer));
	for (const struct cor_http_field *at = cor_answer_headers(answer); at->name; at++)
		printf("%s: %s\n", at->name, at->value);
	printf("\n");
}

static int print_body(struct cor_answer *answer)
{
	unsigned char bytes[4096];
	ssize_t len;

	while ((len = cor_answer_read(answer, bytes, sizeof bytes)) > 0)
		for (ssize_t i = 0; i < len; i++)
			printf("%02x", bytes[i]);
	printf("\n");
	return (int)len;
}

static int fetch(struct cor_ctx *ctx, struct cor_cookie_jar *jar, char **columns)
{
	const char *body = columns[BODY];
	struct cor_answer *answer;
	int rc = cor_http_open(ctx, &origin, &answer, COR_PATH_AS_IS(columns[PATH]),
		.method = columns[METHOD], .jar = jar,
		.body = { body[0] ? body : NULL, strlen(body) },
		.content_type = columns[TYPE][0] ? columns[TYPE] : NULL,
		.headers = columns[FIELD][0] ? COR_HTTP_FIELDS({ columns[FIELD], columns[VALUE] })
					     : NULL,
		.credentials = columns[WHO][0] ? credentials_of(columns[WHO]) : NULL);

	if (rc == 0) {
		print_head(answer);
		rc = print_body(answer);
	}
	if (rc < 0)
		printf("failed: %s\n", cor_http_failure(ctx)->text);
	printf(".\n");
	return fflush(stdout);
}

static int serve(struct cor_cookie_jar *jar, char *line)
{
	char *columns[COLUMNS];
	struct cor_ctx *ctx;

	line[strcspn(line, "\n")] = '\0';
	for (int i = 0; i < COLUMNS; i++)
		if (!(columns[i] = strsep(&line, "\t")))
			return -1;
	if (cor_ctx_create(&(struct cor_ctx_options){ .service = &service }, &ctx) < 0)
		return -1;
	int rc = fetch(ctx, jar, columns);
	cor_ctx_destroy(ctx);
	return rc;
}

int main(int argc, char **argv)
{
	struct cor_cookie_jar *jar;
	size_t room = 0;
	char *line = NULL;
	int rc = argc == 2 ? cor_cookie_jar_create(&jar) : -1;

	if (rc < 0)
		return 64;
	origin.base_url = argv[1];
	while (rc == 0 && getline(&line, &room, stdin) > 0)
		rc = serve(jar, line);
	free(line);
	cor_cookie_jar_destroy(jar);
	return rc == 0 ? 0 : 1;
}
