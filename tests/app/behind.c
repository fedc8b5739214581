/* SPDX-License-Identifier: MIT */
/* A service behind proxies: it tells whom it sees. */
#include <errno.h>

#include <coracle/coracle.h>
#include <coracle/tls.h>

static const struct cor_executor threads = { .name = "threads", .size = 1 };
static const struct cor_executor processes = {
	.name = "processes",
	.kind = COR_PROCESSES,
	.size = 1,
};

struct seen {
	const char *client, *scheme, *host, *prefix, *peer, *told, *subject;
};
static const struct cor_field seen_fields[] = {
	COR_FIELD(struct seen, client),
	COR_FIELD(struct seen, scheme),
	COR_FIELD(struct seen, host),
	COR_FIELD(struct seen, prefix),
	COR_FIELD(struct seen, peer),
	COR_FIELD(struct seen, told),
	COR_FIELD(struct seen, subject, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(seen_schema, struct seen, seen_fields);

static const char *text_of(struct cor_ctx *ctx, struct cor_str text)
{
	return cor_printf(ctx, "%.*s", (int)text.len, text.data);
}

/* All that a PROXY header says, from the first fact to the last. */
static const char *tell(struct cor_ctx *ctx)
{
	const char *told = "";

	for (int fact = COR_PROXY_AUTHORITY; told && fact <= COR_PROXY_CERTIFICATE_NAME; fact++) {
		struct cor_str text = cor_request_proxy_fact(ctx, (enum cor_proxy_fact)fact);
		told = cor_printf(ctx, "%s[%.*s]", told, (int)text.len, text.len ? text.data : "");
	}
	return told;
}

static int look(struct cor_ctx *ctx, const struct cor_none *in, struct seen *out)
{
	(void)in;
	out->client = cor_request_client(ctx);
	out->scheme = cor_request_scheme(ctx);
	out->host = text_of(ctx, cor_request_host(ctx));
	out->prefix = text_of(ctx, cor_request_prefix(ctx));
	out->peer = cor_request_peer(ctx);
	out->told = tell(ctx);
	out->subject = cor_request_certificate_subject(ctx);
	return cor_reply_header(ctx, "Location", "/things/7");
}
COR_OPERATION(look_operation, look, COR_NONE, seen_schema);
COR_OPERATION(look_on_thread_operation, look, COR_NONE, seen_schema, .executor = &threads);
COR_OPERATION(look_in_process_operation, look, COR_NONE, seen_schema, .executor = &processes);

struct made {
	const char *location;
};
static const struct cor_field made_fields[] = {
	COR_FIELD(struct made, location, .key = "Location", .to = COR_TO_HEADER),
};
COR_LOCAL_SCHEMA(made_schema, struct made, made_fields);

static int make(struct cor_ctx *ctx, const struct cor_none *in, struct made *out)
{
	(void)ctx;
	(void)in;
	out->location = "/things/8";
	return 0;
}
COR_OPERATION(make_operation, make, COR_NONE, made_schema, .status = 201);

static const struct cor_resource seen_resource = { .path = "/seen", .get = &look_operation };
static const struct cor_resource thread_resource = { .path = "/seen/thread",
	.get = &look_on_thread_operation };
static const struct cor_resource process_resource = { .path = "/seen/process",
	.get = &look_in_process_operation };
static const struct cor_resource things_resource = { .path = "/things", .post = &make_operation };

static const struct cor_service service = {
	.name = "behind",
	.version = "1.0",
	.resources = COR_RESOURCES(
		&seen_resource, &thread_resource, &process_resource, &things_resource),
	.executors = COR_EXECUTORS(&threads, &processes),
	.tls = &cor_tls,
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &service);
}
