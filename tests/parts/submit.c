/* SPDX-License-Identifier: MIT */
/*
 * A program that sends forms: submit URL CA-FILE|- rows|parts|pieces|known FILE|BYTES. Prints what
 * was answered, or the failure's text, and on the error output its peak of memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/curl.h>

#include "album.h"

static struct cor_upstream_tls tls;
static struct cor_upstream album = {
	.name = "album",
	.carrier = &cor_curl,
	.tls = &tls,
	.timeout_ms = 60000,
};
static const struct cor_service service = {
	.name = "submit",
	.version = "1",
	.upstreams = COR_UPSTREAMS(&album),
	.schemas = COR_SCHEMAS(photo_schema),
};

static int send_rows(struct cor_ctx *ctx, const char *path, struct cor_str *ret)
{
	struct cor_upload notes[] = { { "1.txt", NULL, 3, "one", -1 },
		{ "2.txt", "text/plain", 0, "", -1 } };
	const char *tags[] = { "a", "b\r\n--c" };
	struct photo_form form = {
		.title = "Größe \"1\"",
		.stars = 3,
		.tags = { tags, 2 },
		.notes = { notes, 2 },
	};
	struct photo photo;
	int rc = cor_upload_open(ctx, path, &form.photo);

	form.photo.type = "image/png";
	if (rc == 0)
		rc = cor_http_post(ctx, &album, photo_schema, &photo, COR_PATH("/photos"),
			.in = COR_VALUE(photo_form_schema, &form));
	return rc < 0 ? rc
		      : cor_encode(
				cor_ctx_codec(ctx), cor_ctx_arena(ctx), photo_schema, &photo, ret);
}

static int send_parts(struct cor_ctx *ctx, const char *path, struct cor_str *ret)
{
	struct cor_upload upload;
	int rc = cor_upload_open(ctx, path, &upload);

	if (rc < 0)
		return rc;
	return cor_http_post(ctx, &album, COR_TEXT, ret, COR_PATH("/form"),
		.parts = COR_HTTP_PARTS({ .name = "a \"b\"", .bytes = COR_STR("Größe\r\n") },
			{ .name = "empty", .bytes = COR_STR("") },
			{ .name = "memory",
				.file_name = "a\"b\nc.bin",
				.headers = COR_HTTP_FIELDS({ "X-Sum", "7" }),
				.bytes = COR_STR("\0\r\n--\0") },
			{ .name = "path", .type = "text/x; charset=utf-8", .upload = &upload },
			{ .name = "path", .file_name = "again", .upload = &upload }));
}

static ssize_t give(void *arg, void *buffer, size_t size)
{
	int64_t *left = arg;
	size_t n = *left < (int64_t)size ? (size_t)*left : size;

	memset(buffer, 'x', n);
	*left -= (int64_t)n;
	return (ssize_t)n;
}

enum length { LENGTH_UNKNOWN, LENGTH_KNOWN };

static int send_source(
	struct cor_ctx *ctx, const char *bytes, enum length length, struct cor_str *ret)
{
	int64_t left = strtoll(bytes, NULL, 10);
	const struct cor_http_source source = { give, NULL, &left,
		length == LENGTH_KNOWN ? left : -1 };

	return cor_http_post(ctx, &album, COR_TEXT, ret, COR_PATH("/imports"),
		.parts = COR_HTTP_PARTS({ .name = "label", .bytes = COR_STR("x") },
			{ .name = "volume", .file_name = "v", .source = &source }));
}

static int send_form(struct cor_ctx *ctx, const char *kind, const char *what, struct cor_str *ret)
{
	if (strcmp(kind, "rows") == 0)
		return send_rows(ctx, what, ret);
	if (strcmp(kind, "parts") == 0)
		return send_parts(ctx, what, ret);
	return send_source(
		ctx, what, strcmp(kind, "known") == 0 ? LENGTH_KNOWN : LENGTH_UNKNOWN, ret);
}

/* In KiB: getrusage() tells that of the parent, too. */
static void print_peak(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];

	while (file && fgets(line, sizeof line, file))
		if (strncmp(line, "VmHWM:", 6) == 0)
			fprintf(stderr, "%ld\n", strtol(line + 6, NULL, 10));
	if (file)
		fclose(file);
}

int main(int argc, char **argv)
{
	struct cor_str told = { "", 0 };
	struct cor_ctx *ctx;

	if (argc != 5)
		return 64;
	album.base_url = argv[1];
	tls.ca_file = strcmp(argv[2], "-") == 0 ? NULL : argv[2];
	if (cor_ctx_create(&(struct cor_ctx_options){ .service = &service }, &ctx) < 0)
		return 1;
	int rc = send_form(ctx, argv[3], argv[4], &told);
	if (rc == 0)
		printf("%.*s", (int)told.len, told.data);
	else
		printf("%s", cor_http_failure(ctx) ? cor_http_failure(ctx)->text : cor_errname(rc));
	cor_ctx_destroy(ctx);
	print_peak();
	return rc < 0;
}
