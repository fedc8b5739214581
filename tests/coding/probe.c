/* SPDX-License-Identifier: MIT */
/* A service with every coding, for clients that others wrote. */
#include <coracle/compression.h>
#include <coracle/coracle.h>

#include <errno.h>
#include <string.h>

#define PIECE_BYTES 4096

struct wish {
	uint32_t bytes;
};
static const struct cor_field wish_fields[] = {
	COR_FIELD(struct wish, bytes, .from = COR_FROM_PATH, .range = COR_MAX(32 << 20)),
};
COR_LOCAL_SCHEMA(wish_schema, struct wish, wish_fields);

/* Lines that repeat in part: "line 0000001 of the text\n". */
static int fill(struct cor_ctx *ctx, uint32_t bytes, struct cor_str *ret)
{
	char *text = cor_alloc(ctx, bytes + 64);
	size_t len = 0;

	if (!text)
		return -ENOMEM;
	for (uint32_t i = 0; len < bytes; i++) {
		char digits[] = "line 0000000 of the text\n";
		uint32_t rest = i;
		for (int at = 11; at > 4; at--, rest /= 10)
			digits[at] = (char)('0' + rest % 10);
		memcpy(text + len, digits, sizeof digits - 1);
		len += sizeof digits - 1;
	}
	*ret = (struct cor_str){ text, bytes };
	return 0;
}

static int say(struct cor_ctx *ctx, const struct wish *wish, struct cor_str *out)
{
	return fill(ctx, wish->bytes, out);
}
COR_OPERATION(say_operation, say, wish_schema, COR_TEXT);
COR_OPERATION(say_secret_operation, say, wish_schema, COR_TEXT, .compression = COR_UNCOMPRESSED);

/* The same with a validator, and 304 to who has it. */
static int say_tagged(struct cor_ctx *ctx, const struct wish *wish, struct cor_body *body,
	struct cor_reply *reply)
{
	struct cor_str known = cor_request_header(ctx, "If-None-Match");
	struct cor_str text;
	int rc = cor_reply_header(ctx, "ETag", "\"text\"");

	(void)body;
	if (rc == 0 && known.len != 0)
		return cor_reply_start(reply, 304, NULL);
	if (rc == 0)
		rc = fill(ctx, wish->bytes, &text);
	if (rc == 0)
		rc = cor_reply_start(reply, 0, NULL);
	return rc < 0 ? rc : cor_reply_write(reply, text.data, text.len);
}
COR_STREAM_OPERATION(
	say_tagged_operation, say_tagged, wish_schema, .content_type = "text/plain; charset=utf-8");

static int say_no(struct cor_ctx *ctx, const struct wish *wish, struct cor_str *out)
{
	struct cor_str text;
	int rc = fill(ctx, wish->bytes, &text);

	(void)out;
	return rc < 0 ? rc : cor_problem(ctx, 409, 0, "%.*s", (int)text.len, text.data);
}
COR_OPERATION(say_no_operation, say_no, wish_schema, COR_TEXT, .problems = { 409 });

/* Each piece goes back before the next one is read. */
static int echo(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	char piece[PIECE_BYTES];
	ssize_t n = 0;
	int rc = cor_reply_start(reply, 0, NULL);

	(void)ctx, (void)in;
	while (rc == 0 && (n = cor_body_read(body, piece, sizeof piece)) > 0) {
		rc = cor_reply_write(reply, piece, (size_t)n);
		if (rc == 0)
			rc = cor_reply_flush(reply);
	}
	return rc < 0 ? rc : (int)n;
}
COR_STREAM_OPERATION(echo_operation, echo, COR_NONE, .content_type = "text/plain",
	.accepts_encoded = COR_CODINGS(&cor_gzip, &cor_brotli, &cor_zstd),
	.body_limit_bytes = 64 << 20);

/* Two events, and then nothing for as long as somebody listens. */
static int tell(struct cor_ctx *ctx, const struct cor_none *in, struct cor_events *events)
{
	int rc = cor_events_send(events, &(struct cor_event){ .data = COR_STR("first") });

	(void)ctx, (void)in;
	if (rc == 0)
		rc = cor_events_send(events, &(struct cor_event){ .data = COR_STR("second") });
	return rc < 0 ? rc : cor_events_sleep_ms(events, 3600 * 1000);
}
COR_EVENTS_OPERATION(tell_operation, tell, COR_NONE);

struct note {
	const char *text;
};
static const struct cor_field note_fields[] = { COR_FIELD(struct note, text) };
COR_LOCAL_SCHEMA(note_schema, struct note, note_fields);

static int measure(struct cor_ctx *ctx, const struct note *note, struct cor_str *out)
{
	const char *text = cor_printf(ctx, "%zu", strlen(note->text));

	*out = cor_str(text ? text : "");
	return text ? 0 : -ENOMEM;
}
COR_OPERATION(measure_operation, measure, note_schema, COR_TEXT,
	.accepts_encoded = COR_CODINGS(&cor_gzip, &cor_brotli, &cor_zstd));

#define RESOURCE(name, path_, operation)                                                           \
	static const struct cor_resource name = { .path = (path_), .get = &operation }
RESOURCE(text, "/text/{bytes}", say_operation);
RESOURCE(secret, "/secret/{bytes}", say_secret_operation);
RESOURCE(tagged, "/tagged/{bytes}", say_tagged_operation);
RESOURCE(problem, "/problem/{bytes}", say_no_operation);
RESOURCE(events, "/events", tell_operation);
static const struct cor_resource echoes = { .path = "/echo", .post = &echo_operation };
static const struct cor_resource notes = { .path = "/notes", .post = &measure_operation };

static const struct cor_compression compression = {
	.codings = COR_CODINGS(&cor_zstd, &cor_brotli, &cor_gzip),
};
static const struct cor_service service = {
	.name = "coded",
	.version = "1.0.0",
	.resources = COR_RESOURCES(&text, &secret, &tagged, &problem, &events, &echoes, &notes),
	.compression = &compression,
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &service);
}
