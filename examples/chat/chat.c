/* SPDX-License-Identifier: MIT */
/*
 * A room where everybody hears what everybody says, with a page for browsers at /.
 *
 * What is said goes to a topic, which all connections follow: of all threads and processes.
 */
#include <coracle/coracle.h>

#include "page.h"

struct guest {
	const char *name;
};
static const struct cor_field guest_fields[] = {
	COR_FIELD(struct guest, name, .from = COR_FROM_QUERY, .min_length = 1, .max_length = 30,
		.doc = "Who talks", .example = "\"Ada\""),
};
COR_LOCAL_SCHEMA(guest_schema, struct guest, guest_fields);

/* What a guest says. */
struct said {
	const char *text;
};
static const struct cor_field said_fields[] = {
	COR_FIELD(struct said, text, .min_length = 1, .max_length = 500),
};
COR_LOCAL_SCHEMA(said_schema, struct said, said_fields, .doc = "What a guest says");

enum happening { SAYS, COMES, GOES };
static const struct cor_enum_name happenings[] = {
	{ "says", SAYS },
	{ "comes", COMES },
	{ "goes", GOES },
};

/* What everybody hears. */
struct heard {
	enum happening happening;
	const char *name;
	const char *text;
	struct timespec at;
};
static const struct cor_field heard_fields[] = {
	COR_ENUM(struct heard, happening, happenings),
	COR_FIELD(struct heard, name),
	COR_FIELD(struct heard, text, .presence = COR_OPTIONAL),
	COR_FIELD(struct heard, at),
};
COR_LOCAL_SCHEMA(heard_schema, struct heard, heard_fields, .doc = "What everybody hears");

/* Who comes later hears the last twenty. */
static const struct cor_topic talk = {
	.name = "talk",
	.doc = "Everything that is said in the room",
	.messages = COR_MESSAGES(heard_schema),
	.keep = 20,
};

static int tell(struct cor_ctx *ctx, enum happening happening, const char *name, const char *text)
{
	struct heard heard = { happening, name, text, cor_now() };

	return cor_topic_publish_json(ctx, &talk, NULL, heard_schema, &heard);
}

static int listen_to(struct cor_ctx *ctx, const struct guest *guest, struct cor_websocket *ws)
{
	struct said said;

	for (;;) {
		int rc = cor_websocket_receive_json(ws, said_schema, &said);
		if (rc == 0)
			rc = tell(ctx, SAYS, guest->name, said.text);
		else if (rc == -COR_EINVALID || rc == -COR_ESYNTAX)
			rc = cor_websocket_refuse(ws); /* it is told what to do better */
		if (rc < 0)
			return rc;
	}
}

static int chat(struct cor_ctx *ctx, const struct guest *guest, struct cor_websocket *ws)
{
	const struct cor_subscription_options from_the_first = { .after = 1 };
	int rc = cor_websocket_subscribe(ws, &talk, COR_WEBSOCKET_TEXT, &from_the_first, NULL);

	if (rc == 0)
		rc = tell(ctx, COMES, guest->name, NULL);
	if (rc == 0)
		rc = listen_to(ctx, guest, ws);
	cor_ignore(tell(ctx, GOES, guest->name, NULL));
	return rc;
}
COR_WEBSOCKET_OPERATION(chat_operation, chat, guest_schema, .summary = "Enter the room and talk",
	.websocket = {
		.receives = COR_MESSAGES(said_schema),
		.sends = COR_MESSAGES(heard_schema),
		.message_bytes = 4096,
		.compression = COR_COMPRESSION_SINGLE,
	});

static int show_page(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)ctx;
	(void)in;
	*out = cor_str(page);
	return 0;
}
COR_OPERATION(page_operation, show_page, COR_NONE, COR_TEXT, .summary = "The page of the room",
	.content_type = "text/html; charset=utf-8");

static const struct cor_resource room = { .path = "/", .get = &page_operation };
static const struct cor_resource voices = { .path = "/chat", .get = &chat_operation };

static const struct cor_service service = {
	.name = "chat",
	.resources = COR_RESOURCES(&room, &voices),
	.topics = COR_TOPICS(&talk),
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &service);
}
