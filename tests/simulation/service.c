/* SPDX-License-Identifier: MIT */
#include "service.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/coracle.h>

#include "world/world.h"

/* --- the example: its main() calls tell_service() instead of cor_main() --- */

static const struct cor_service *received;

int hello_main(int argc, char **argv);
int tell_service(int argc, char **argv, const struct cor_service *service);

int tell_service(int argc, char **argv, const struct cor_service *service)
{
	(void)argc;
	(void)argv;
	received = service;
	return 0;
}

const struct cor_service *hello_service(void)
{
	return hello_main(0, NULL) == 0 ? received : NULL;
}

/* --- what takes time --- */

struct nap {
	uint32_t ms;
};
static const struct cor_field nap_fields[] = { COR_FIELD(struct nap, ms) };
COR_LOCAL_SCHEMA(nap_schema, struct nap, nap_fields);

static int nap(struct cor_ctx *ctx, const struct nap *in, struct cor_str *ret)
{
	(void)ctx;
	*ret = COR_STR("rested\n");
	return cor_sleep_ms(in->ms);
}
COR_OPERATION(nap_operation, nap, nap_schema, COR_TEXT, .summary = "Sleep");
static const struct cor_resource nap_resource = { .path = "/nap", .get = &nap_operation };

static int rest_apart(struct cor_ctx *ctx, uint32_t *ms)
{
	cor_log_info(ctx, "apart for %u ms", *ms);
	return cor_sleep_ms(*ms);
}

static int watch(struct cor_ctx *ctx, const struct nap *in, struct cor_str *ret)
{
	uint32_t naps[] = { in->ms, in->ms / 2, in->ms };

	*ret = COR_STR("rested\n");
	return cor_map(ctx, rest_apart, naps, 3, NULL);
}
COR_OPERATION(watch_operation, watch, nap_schema, COR_TEXT, .summary = "Sleep for a client",
	.on_disconnect = COR_CANCEL);
static const struct cor_resource watch_resource = { .path = "/watch", .get = &watch_operation };

static int weigh(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	char piece[7], text[32];
	size_t total = 0;
	ssize_t n;

	(void)ctx;
	(void)in;
	while ((n = cor_body_read(body, piece, sizeof piece)) > 0)
		total += (size_t)n;
	if (n < 0)
		return (int)n;
	int len = snprintf(text, sizeof text, "%zu bytes\n", total);
	int rc = cor_reply_start(reply, 0, NULL);
	return rc < 0 ? rc : cor_reply_write(reply, text, (size_t)len);
}
COR_STREAM_OPERATION(
	weigh_operation, weigh, COR_NONE, .summary = "Weigh a body", .content_type = "text/plain");
static const struct cor_resource weight_resource = { .path = "/weight", .put = &weigh_operation };

struct count {
	uint32_t to;
};
static const struct cor_field count_fields[] = { COR_FIELD(struct count, to) };
COR_LOCAL_SCHEMA(count_schema, struct count, count_fields);

static int count(
	struct cor_ctx *ctx, const struct count *in, struct cor_body *body, struct cor_reply *reply)
{
	char line[16];
	int rc = cor_reply_start(reply, 0, NULL);

	(void)ctx;
	(void)body;
	for (uint32_t i = 1; i <= in->to && rc == 0; i++) {
		int len = snprintf(line, sizeof line, "%u\n", i);
		rc = cor_sleep_ms(COUNT_MS);
		if (rc == 0)
			rc = cor_reply_write(reply, line, (size_t)len);
		if (rc == 0)
			rc = cor_reply_flush(reply);
	}
	return rc;
}
COR_STREAM_OPERATION(
	count_operation, count, count_schema, .summary = "Count", .content_type = "text/plain");
static const struct cor_resource count_resource = { .path = "/count", .get = &count_operation };

struct large {
	uint32_t bytes;
};
static const struct cor_field large_fields[] = { COR_FIELD(struct large, bytes) };
COR_LOCAL_SCHEMA(large_schema, struct large, large_fields);

static int fill(struct cor_ctx *ctx, const struct large *in, struct cor_str *ret)
{
	char *text = cor_alloc(ctx, in->bytes);

	if (!text)
		return -ENOMEM;
	memset(text, 'x', in->bytes);
	*ret = (struct cor_str){ text, in->bytes };
	return 0;
}
COR_OPERATION(large_operation, fill, large_schema, COR_TEXT, .summary = "Answer at length");
static const struct cor_resource large_resource = { .path = "/large", .get = &large_operation };

struct cor_world *toil_world;
void (*toil_meanwhile)(void);

struct toil {
	uint32_t after;
	uint32_t ms;
};
static const struct cor_field toil_fields[] = {
	COR_FIELD(struct toil, after, .fallback = "0"),
	COR_FIELD(struct toil, ms),
};
COR_LOCAL_SCHEMA(toil_schema, struct toil, toil_fields);

static int toil(struct cor_ctx *ctx, const struct toil *in, struct cor_str *ret)
{
	int rc = in->after == 0 ? 0 : cor_sleep_ms(in->after);

	(void)ctx;
	if (rc < 0)
		return rc;
	cor_world_pass_ms(toil_world, in->ms);
	if (toil_meanwhile)
		toil_meanwhile();
	*ret = COR_STR("done\n");
	return 0;
}
COR_OPERATION(toil_operation, toil, toil_schema, COR_TEXT, .summary = "Compute");
static const struct cor_resource toil_resource = { .path = "/toil", .get = &toil_operation };

static int tell(struct cor_ctx *ctx, const struct nap *in, struct cor_events *events)
{
	int rc = cor_events_start(events, 2000);

	(void)ctx;
	if (rc == 0)
		rc = cor_events_send(events, &(struct cor_event){ .data = COR_STR("begun") });
	if (rc == 0)
		rc = cor_events_sleep_ms(events, in->ms);
	if (rc == 0)
		rc = cor_events_send(events, &(struct cor_event){ .data = COR_STR("done") });
	return rc;
}
COR_EVENTS_OPERATION(tell_operation, tell, nap_schema, .summary = "Tell");
COR_EVENTS_OPERATION(
	tell_briefly_operation, tell, nap_schema, .summary = "Tell", .timeout_ms = BRIEF_MS);
static const struct cor_resource events_resource = { .path = "/events", .get = &tell_operation };
static const struct cor_resource brief_resource = { .path = "/brief",
	.get = &tell_briefly_operation };

static int talk(struct cor_ctx *ctx, const struct cor_none *in, struct cor_websocket *ws)
{
	struct cor_websocket_message message;
	int rc = 0;

	(void)ctx, (void)in;
	while (rc == 0 && (rc = cor_websocket_receive(ws, &message)) == 0)
		rc = cor_websocket_send_text(ws, message.data);
	return rc;
}
COR_WEBSOCKET_OPERATION(talk_operation, talk, COR_NONE, .summary = "Talk");
COR_WEBSOCKET_OPERATION(talk_briefly_operation, talk, COR_NONE, .summary = "Talk briefly",
	.websocket = { .idle_ms = QUIET_MS });
static const struct cor_resource talk_resource = { .path = "/talk", .get = &talk_operation };
static const struct cor_resource talk_briefly_resource = { .path = "/talk/briefly",
	.get = &talk_briefly_operation };

const struct cor_resource *const slow_resources[] = { &nap_resource, &watch_resource,
	&weight_resource, &count_resource, &large_resource, &toil_resource, &events_resource,
	&brief_resource, &talk_resource, &talk_briefly_resource, NULL };
