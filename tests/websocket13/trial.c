/* SPDX-License-Identifier: MIT */
/* A service of WebSockets, for the tests. */
#include <coracle/coracle.h>
#include <coracle/tls.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct said {
	const char *text;
	int64_t times;
	int64_t serial;
};
COR_DECLARE_SCHEMA(said_schema, struct said);
static int check_said(struct cor_ctx *ctx, const struct said *said)
{
	return strcmp(said->text, "nothing") == 0
		       ? cor_invalid_at(ctx, said_schema, text, "says nothing")
		       : 0;
}
COR_CHECK(said_check, check_said, struct said);
static const struct cor_field said_fields[] = {
	COR_FIELD(struct said, text, .min_length = 1, .max_length = 20),
	COR_FIELD(struct said, times, .range = COR_BETWEEN(1, 3), .fallback = "1"),
	COR_FIELD(struct said, serial, .access = COR_READ_ONLY),
};
/* Clients of before say {"say": "hi"}. */
static int load_said(struct cor_ctx *ctx, struct cor_arena *arena, struct cor_node **json)
{
	struct cor_node *say = cor_node_get(*json, "say");

	(void)ctx;
	cor_node_remove(say);
	return say ? cor_node_set(arena, *json, "text", say) : 0;
}
COR_JSON_HOOK(said_load, load_said);
COR_SCHEMA(said_schema, said_fields, .check = &said_check, .before_load = &said_load);

struct heard {
	const char *text;
	const char *key;
};
static const struct cor_field heard_fields[] = {
	COR_FIELD(struct heard, text, .pattern = "^[^~]*$"),
	COR_FIELD(struct heard, key, .access = COR_WRITE_ONLY),
};
COR_LOCAL_SCHEMA(heard_schema, struct heard, heard_fields);

struct room {
	const char *name;
	const char *token;
};
static const struct cor_field room_fields[] = {
	COR_FIELD(struct room, name, .from = COR_FROM_PATH, .max_length = 5),
	COR_FIELD(struct room, token, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(room_schema, struct room, room_fields);

/* --- everything comes back --- */

static int send_back(struct cor_websocket *ws, const struct cor_websocket_message *message)
{
	return message->kind == COR_WEBSOCKET_TEXT ? cor_websocket_send_text(ws, message->data)
						   : cor_websocket_send_bytes(ws, message->data);
}

static int echo(struct cor_ctx *ctx, const struct cor_none *in, struct cor_websocket *ws)
{
	struct cor_websocket_message message;
	int rc;

	(void)ctx;
	(void)in;
	while ((rc = cor_websocket_receive(ws, &message)) == 0)
		if ((rc = send_back(ws, &message)) < 0)
			break;
	return rc;
}
COR_WEBSOCKET_OPERATION(
	echo_operation, echo, COR_NONE, .websocket = { .message_bytes = 1024 * 1024 });
COR_WEBSOCKET_OPERATION(small_operation, echo, COR_NONE,
	.websocket = { .message_bytes = 1000, .message_frames = 5 });
COR_WEBSOCKET_OPERATION(single_operation, echo, COR_NONE,
	.websocket = { .message_bytes = 100000, .compression = COR_COMPRESSION_SINGLE });
COR_WEBSOCKET_OPERATION(takeover_operation, echo, COR_NONE,
	.websocket = { .message_bytes = 100000, .compression = COR_COMPRESSION_TAKEOVER });
COR_WEBSOCKET_OPERATION(
	lively_operation, echo, COR_NONE, .websocket = { .ping_ms = 100, .pong_ms = 300 });
COR_WEBSOCKET_OPERATION(
	idle_operation, echo, COR_NONE, .websocket = { .ping_ms = 50, .idle_ms = 300 });
COR_WEBSOCKET_OPERATION(listed_operation, echo, COR_NONE,
	.websocket = { .origins = COR_ORIGINS("https://shop.example", "http://localhost:3000") });
COR_WEBSOCKET_OPERATION(
	open_operation, echo, COR_NONE, .websocket = { .origins = COR_ORIGINS("*") });

static int name_protocol(struct cor_ctx *ctx, const struct cor_none *in, struct cor_websocket *ws)
{
	int rc = cor_reply_header(ctx, "Set-Cookie", "seen=1");

	(void)in;
	if (rc < 0)
		return rc;
	return cor_websocket_send_text(ws, cor_str(cor_websocket_protocol(ws)));
}
COR_WEBSOCKET_OPERATION(protocol_operation, name_protocol, COR_NONE,
	.websocket = { .protocols = COR_PROTOCOLS("chat.v2", "chat.v1") });

/* --- typed --- */

static int talk(struct cor_ctx *ctx, const struct room *in, struct cor_websocket *ws)
{
	struct said said;
	int rc = 0;

	if (in->token && strcmp(in->token, "wrong") == 0)
		return cor_problem(ctx, 401, 0, "the token is wrong");
	while (rc == 0 && (rc = cor_websocket_receive_json(ws, said_schema, &said)) == 0) {
		const char *text = cor_arena_printf(
			cor_websocket_arena(ws), "%s: %s", in->name, said.text);
		if (!text)
			return -ENOMEM;
		for (int64_t i = 0; i < said.times && rc == 0; i++)
			rc = cor_websocket_send_json(ws, heard_schema, &(struct heard){ text });
	}
	return rc;
}
COR_WEBSOCKET_OPERATION(talk_operation, talk, room_schema, .summary = "Talk in a room",
	.problems = { 401 },
	.websocket = {
		.receives = COR_MESSAGES(said_schema), .sends = COR_MESSAGES(heard_schema) });

/* It tells its client what is wrong, and goes on. */
static int bear(struct cor_ctx *ctx, const struct cor_none *in, struct cor_websocket *ws)
{
	struct said said = { 0 };
	int rc;

	(void)ctx;
	(void)in;
	for (;;) {
		rc = cor_websocket_receive_json(ws, said_schema, &said);
		struct heard heard = { said.text, "hidden" };
		if (rc == 0)
			rc = cor_websocket_send_json(ws, heard_schema, &heard);
		else if (rc == -COR_EINVALID || rc == -COR_ESYNTAX)
			rc = cor_websocket_refuse(ws);
		if (rc < 0)
			return rc;
	}
}
COR_WEBSOCKET_OPERATION(bear_operation, bear, COR_NONE,
	.websocket = {
		.receives = COR_MESSAGES(said_schema), .sends = COR_MESSAGES(heard_schema) });

/* --- how it ends: the first message says --- */

static int obey(struct cor_ctx *ctx, struct cor_websocket *ws, const char *order)
{
	if (strcmp(order, "return") == 0)
		return 0;
	if (strcmp(order, "problem") == 0)
		return cor_problem(ctx, 409, 0, "the room is full");
	if (strcmp(order, "failure") == 0)
		return cor_problem(ctx, 500, -EIO, "a secret");
	if (strcmp(order, "positive") == 0)
		return ENOMEM;
	if (strcmp(order, "code") == 0)
		return -EIO;
	if (strcmp(order, "bad code") == 0)
		return cor_websocket_close(ws, 1005, NULL) == -EINVAL ? 0 : -EIO;
	if (strcmp(order, "bad text") == 0)
		return cor_websocket_send_text(ws, COR_STR("\xff")) == -EINVAL ? 0 : -EIO;
	if (strcmp(order, "scope") == 0) {
		struct cor_websocket_message message;
		struct cor_scope scope;
		cor_scope_enter(&scope, 50);
		int rc = cor_websocket_receive(ws, &message);
		cor_scope_leave(&scope);
		return rc == -ETIMEDOUT ? cor_websocket_send_text(ws, COR_STR("late")) : -EIO;
	}
	return cor_websocket_close(ws, (uint16_t)strtoul(order, NULL, 10), "as you wish");
}

static int end(struct cor_ctx *ctx, const struct cor_none *in, struct cor_websocket *ws)
{
	struct cor_websocket_message message;
	int rc = cor_websocket_receive(ws, &message);

	(void)in;
	if (rc < 0)
		return rc;
	char *order = cor_arena_copy(cor_websocket_arena(ws), message.data.data, message.data.len);
	return order ? obey(ctx, ws, order) : -ENOMEM;
}
COR_WEBSOCKET_OPERATION(end_operation, end, COR_NONE, .problems = { 409 });

/* --- it only sends --- */

static int count(struct cor_ctx *ctx, const struct cor_none *in, struct cor_websocket *ws)
{
	int rc = 0;

	(void)in;
	for (int i = 0; rc == 0; i++) {
		char text[16];
		snprintf(text, sizeof text, "%d", i);
		rc = cor_websocket_send_text(ws, cor_str(text));
		if (rc == 0)
			rc = cor_sleep_ms(10);
	}
	cor_log_info(ctx, "counting ends with %s, code %u", cor_errname(rc),
		cor_websocket_close_code(ws));
	return rc;
}
COR_WEBSOCKET_OPERATION(count_operation, count, COR_NONE);

/* As fast as the client takes it. */
static int flood(struct cor_ctx *ctx, const struct cor_none *in, struct cor_websocket *ws)
{
	static const char block[32768];
	int rc = 0;

	(void)ctx;
	(void)in;
	while (rc == 0)
		rc = cor_websocket_send_bytes(ws, (struct cor_str){ block, sizeof block });
	return rc;
}
COR_WEBSOCKET_OPERATION(flood_operation, flood, COR_NONE);

/* --- topics --- */

static const struct cor_topic news = { .name = "news" };
static const struct cor_topic urgent = {
	.name = "urgent", .queue_messages = 4, .when_slow = COR_SLOW_CUT
};

static int follow(struct cor_ctx *ctx, const struct cor_none *in, struct cor_websocket *ws)
{
	int rc = cor_websocket_subscribe(ws, &news, COR_WEBSOCKET_TEXT, NULL, NULL);

	return rc < 0 ? rc : echo(ctx, in, ws);
}
COR_WEBSOCKET_OPERATION(follow_operation, follow, COR_NONE);

static int follow_both(struct cor_ctx *ctx, const struct cor_none *in, struct cor_websocket *ws)
{
	struct cor_subscription *subscription;
	int rc = cor_websocket_subscribe(ws, &news, COR_WEBSOCKET_BINARY, NULL, NULL);

	if (rc == 0)
		rc = cor_websocket_subscribe(ws, &urgent, COR_WEBSOCKET_TEXT, NULL, &subscription);
	if (rc < 0)
		return rc;
	struct cor_websocket_message message;
	rc = cor_websocket_receive(ws, &message);
	if (rc < 0)
		return rc;
	cor_websocket_unsubscribe(ws, subscription);
	rc = cor_websocket_send_text(ws, COR_STR("left"));
	return rc < 0 ? rc : echo(ctx, in, ws);
}
COR_WEBSOCKET_OPERATION(both_operation, follow_both, COR_NONE);

static int publish(struct cor_ctx *ctx, const struct cor_str *in, struct cor_none *out)
{
	(void)out;
	return cor_topic_publish(ctx, &news, NULL, *in);
}
COR_OPERATION(publish_operation, publish, COR_TEXT, COR_NONE);

static int publish_bytes(struct cor_ctx *ctx, const struct cor_str *in, struct cor_none *out)
{
	return publish(ctx, in, out);
}
COR_OPERATION(publish_bytes_operation, publish_bytes, COR_BYTES, COR_NONE);

struct fan {
	const char *event;
};
static const struct cor_field fan_fields[] = {
	COR_FIELD(struct fan, event, .from = COR_FROM_PATH),
};
COR_LOCAL_SCHEMA(fan_schema, struct fan, fan_fields);

static int follow_named(struct cor_ctx *ctx, const struct fan *in, struct cor_websocket *ws)
{
	const struct cor_subscription_options options = { .event = in->event };
	int rc = cor_websocket_subscribe(ws, &news, COR_WEBSOCKET_TEXT, &options, NULL);

	return rc < 0 ? rc : echo(ctx, NULL, ws);
}
COR_WEBSOCKET_OPERATION(follow_named_operation, follow_named, fan_schema);

static int stream_named(struct cor_ctx *ctx, const struct fan *in, struct cor_events *events)
{
	(void)ctx;
	return cor_events_follow_named(events, &news, in->event);
}
COR_EVENTS_OPERATION(stream_named_operation, stream_named, fan_schema);

static int tell_fans(struct cor_ctx *ctx, const struct fan *in, struct cor_none *out)
{
	(void)out;
	return cor_topic_publish(ctx, &news, in->event, COR_STR("told"));
}
COR_OPERATION(tell_fans_operation, tell_fans, fan_schema, COR_NONE);

struct stranger {
	int32_t n;
};
static const struct cor_field stranger_fields[] = { COR_FIELD(struct stranger, n) };
COR_LOCAL_SCHEMA(stranger_schema, struct stranger, stranger_fields);

/* The service knows nothing of that schema. */
static int send_unlisted(struct cor_ctx *ctx, const struct cor_none *in, struct cor_websocket *ws)
{
	int rc = cor_websocket_accept(ws);

	(void)ctx;
	(void)in;
	return rc < 0 ? rc
		      : cor_websocket_send_json(ws, stranger_schema, (&(struct stranger){ 1 }));
}
COR_WEBSOCKET_OPERATION(send_unlisted_operation, send_unlisted, COR_NONE);

static int publish_unlisted(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in;
	(void)out;
	return cor_topic_publish_json(ctx, &news, NULL, stranger_schema, (&(struct stranger){ 1 }));
}
COR_OPERATION(publish_unlisted_operation, publish_unlisted, COR_NONE, COR_NONE);

static int alarm_all(struct cor_ctx *ctx, const struct cor_str *in, struct cor_none *out)
{
	int rc = 0;

	(void)out;
	for (int i = 0; i < 10 && rc == 0; i++)
		rc = cor_topic_publish(ctx, &urgent, NULL, *in);
	return rc;
}
COR_OPERATION(alarm_operation, alarm_all, COR_TEXT, COR_NONE);

/* It is elsewhere, and then done. */
static int nap(struct cor_ctx *ctx, const struct cor_none *in, struct cor_websocket *ws)
{
	int rc = cor_websocket_accept(ws);

	(void)ctx;
	(void)in;
	return rc < 0 ? rc : cor_sleep_ms(400);
}
COR_WEBSOCKET_OPERATION(nap_operation, nap, COR_NONE);

/* Holds its thread, which it must not. */
static int hold(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx;
	(void)in;
	(void)out;
	usleep(700000);
	return 0;
}
COR_OPERATION(hold_operation, hold, COR_NONE, COR_NONE);

static int plain(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)ctx;
	(void)in;
	*out = COR_STR("plain");
	return 0;
}
COR_OPERATION(plain_operation, plain, COR_NONE, COR_TEXT);

static const struct cor_resource resources[] = {
	{ .path = "/echo", .get = &echo_operation },
	{ .path = "/small", .get = &small_operation },
	{ .path = "/single", .get = &single_operation },
	{ .path = "/takeover", .get = &takeover_operation },
	{ .path = "/lively", .get = &lively_operation },
	{ .path = "/idle", .get = &idle_operation },
	{ .path = "/listed", .get = &listed_operation },
	{ .path = "/open", .get = &open_operation },
	{ .path = "/protocol", .get = &protocol_operation },
	{ .path = "/rooms/{name}", .get = &talk_operation },
	{ .path = "/bear", .get = &bear_operation },
	{ .path = "/end", .get = &end_operation },
	{ .path = "/count", .get = &count_operation },
	{ .path = "/flood", .get = &flood_operation },
	{ .path = "/follow", .get = &follow_operation },
	{ .path = "/both", .get = &both_operation },
	{ .path = "/news", .post = &publish_operation },
	{ .path = "/alarm", .post = &alarm_operation },
	{ .path = "/plain", .get = &plain_operation },
	{ .path = "/hold", .post = &hold_operation },
	{ .path = "/bytes", .post = &publish_bytes_operation },
	{ .path = "/nap", .get = &nap_operation },
	{ .path = "/fans/{event}", .get = &follow_named_operation, .post = &tell_fans_operation },
	{ .path = "/unlisted",
		.get = &send_unlisted_operation,
		.post = &publish_unlisted_operation },
	{ .path = "/fans/{event}/events", .get = &stream_named_operation },
};
#define R(i) &resources[i]

static const struct cor_text german_texts[] = {
	{ .code = "min_length", .text = "muss mindestens {limit} Zeichen haben" },
	{ .code = "max", .text = "darf höchstens {limit} sein" },
	{ .word = "the room is full", .text = "der Raum ist voll" },
};
static const struct cor_language german = COR_LANGUAGE("de", german_texts);

static struct cor_service service = {
	.name = "websocket-trial",
	.languages = COR_LANGUAGES(&german),
	.resources = COR_RESOURCES(R(0), R(1), R(2), R(3), R(4), R(5), R(6), R(7), R(8), R(9),
		R(10), R(11), R(12), R(13), R(14), R(15), R(16), R(17), R(18), R(19), R(20), R(21),
		R(22), R(23), R(24)),
	.topics = COR_TOPICS(&news, &urgent),
	.tls = &cor_tls,
};

int main(int argc, char **argv)
{
	if (getenv("TRIAL_RESTX"))
		service.errors = &cor_restx_errors;
	return cor_main(argc, argv, &service);
}
