/* SPDX-License-Identifier: MIT */
/* Handlers that send files, for test_reply_file.py: the folder is the first argument. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <coracle/compression.h>
#include <coracle/coracle.h>

struct wish {
	const char *path; /* a test's own: it may ask for what it likes */
	const char *type;
	const char *name;
	const char *etag;
	bool is_shown;
	bool starts;
};
static const struct cor_field wish_fields[] = {
	COR_FIELD(struct wish, path, .from = COR_FROM_QUERY),
	COR_FIELD(struct wish, type, .from = COR_FROM_QUERY, .presence = COR_OPTIONAL),
	COR_FIELD(struct wish, name, .from = COR_FROM_QUERY, .presence = COR_OPTIONAL),
	COR_FIELD(struct wish, etag, .from = COR_FROM_QUERY, .presence = COR_OPTIONAL),
	COR_FIELD(struct wish, is_shown, .from = COR_FROM_QUERY, .presence = COR_OPTIONAL),
	COR_FIELD(struct wish, starts, .from = COR_FROM_QUERY, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(wish_schema, struct wish, wish_fields);

static int send(struct cor_ctx *ctx, const struct wish *wish, struct cor_body *body,
	struct cor_reply *reply)
{
	const struct cor_file_options options = {
		.media_type = wish->type,
		.name = wish->name,
		.disposition = wish->is_shown ? COR_FILE_SHOWN : COR_FILE_SAVED,
	};
	int rc = wish->etag ? cor_reply_header(ctx, "ETag", wish->etag) : 0;

	(void)body;
	if (rc == 0 && wish->starts)
		rc = cor_reply_start(reply, 0, NULL);
	if (rc < 0)
		return rc;
	int fd = open(wish->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return cor_problem(ctx, 404, 0, "there is no such file");
	rc = cor_reply_file(reply, fd, &options);
	cor_log_info(ctx, "sent %d", rc);
	return rc;
}
COR_STREAM_OPERATION(send_operation, send, wish_schema, .content_type = "text/plain",
	.sends_file = true, .problems = { 404 });
COR_STREAM_OPERATION(undeclared_operation, send, wish_schema, .content_type = "text/plain");

static const struct cor_resource sent = {
	.path = "/sent", .get = &send_operation, .post = &send_operation
};
static const struct cor_resource undeclared = { .path = "/undeclared",
	.get = &undeclared_operation };

static const struct cor_compression compression = { .codings = COR_CODINGS(&cor_gzip) };

static const struct cor_service replies = {
	.name = "replies",
	.version = "1.0.0",
	.resources = COR_RESOURCES(&sent, &undeclared),
	.compression = &compression,
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &replies);
}
