/* SPDX-License-Identifier: MIT */
#include "websocket13/handshake.h"

#include <errno.h>
#include <string.h>

#include "exchange/caller.h"
#include "http/fold.h"
#include "http/parameter.h"
#include "runtime/scheduler.h"
#include "websocket/extension.h"
#include "websocket/key.h"
#include "websocket13/origin.h"
#include "websocket13/output.h"

static struct cor_str header(struct cor_websocket *ws, const char *name)
{
	return cor_exchange_header(ws->x, cor_str(name));
}

/* --- what is asked for --- */

/* Takes the next token of a list; false at its end, or where it is malformed. */
static bool next_token(struct cor_str *list, struct cor_str *ret)
{
	do
		cor_take_blanks(list);
	while (cor_take_byte(list, ','));
	return cor_take_token(list, ret);
}

static bool names_websocket(struct cor_str upgrade)
{
	struct cor_str token;

	while (next_token(&upgrade, &token))
		if (cor_fold_equal(token, COR_STR("websocket")))
			return true;
	return false;
}

static enum cor_switching asks(struct cor_websocket *ws)
{
	struct cor_exchange *x = ws->x;

	if (!x->ops->asks_to_switch || x->head.method != COR_METHOD_GET ||
		!names_websocket(header(ws, "upgrade")))
		return COR_SWITCHING_NOTHING;
	return x->ops->asks_to_switch(x);
}

/* RFC 9110 section 15.5.22. */
static int demand(struct cor_websocket *ws, const char *detail)
{
	int rc = cor_exchange_add_field(ws->x, "Upgrade", COR_STR("websocket"));

	if (rc == 0)
		rc = cor_exchange_add_field(ws->x, "Connection", COR_STR("Upgrade"));
	if (rc == 0)
		rc = cor_reply_header(&ws->x->ctx, "Sec-WebSocket-Version", "13");
	return rc < 0 ? rc : cor_ctx_problem(&ws->x->ctx, 426, 0, detail);
}

static int check_request(struct cor_websocket *ws)
{
	enum cor_switching asked = asks(ws);

	if (asked == COR_SWITCHING_NOTHING)
		return demand(ws,
			"this is a WebSocket: ask for it with ws:// or wss://, through proxies that "
			"pass Upgrade on (uwsgi_pass cannot)");
	if (!cor_str_equal(header(ws, "sec-websocket-version"), COR_STR("13")))
		return demand(ws, "Sec-WebSocket-Version must be 13");
	/* RFC 8441 section 5: HTTP/2 needs no key */
	if (asked == COR_SWITCHING_UPGRADE &&
		!cor_websocket_key_valid(header(ws, "sec-websocket-key")))
		return cor_problem(&ws->x->ctx, 400, 0,
			"Sec-WebSocket-Key must be the Base64 of 16 bytes, once");
	return 0;
}

/* --- who asks --- */

static int check_origin(struct cor_websocket *ws)
{
	struct cor_exchange *x = ws->x;
	struct cor_str origin = header(ws, "origin");
	struct cor_str host = cor_span_text(x->bytes, x->head.host);

	if (!origin.data)
		return 0;
	if (x->ops->caller)
		host = cor_exchange_caller(x).host;
	if (cor_origin_allowed(origin, host, ws->operation->websocket.origins))
		return 0;
	return cor_problem(&x->ctx, 403, 0,
		"a page of %.*s may not connect to %.*s: the service must list it in .origins",
		(int)origin.len, origin.data, (int)host.len, host.data);
}

/* --- what is agreed on --- */

static bool offers(struct cor_str offered, const char *protocol)
{
	struct cor_str token;

	while (next_token(&offered, &token))
		if (cor_str_equal(token, cor_str(protocol)))
			return true;
	return false;
}

static int refuse_protocols(struct cor_websocket *ws)
{
	const char *const *own = ws->operation->websocket.protocols;
	const char *list = *own;

	while (list && *++own)
		list = cor_printf(&ws->x->ctx, "%s, %s", list, *own);
	return cor_problem(&ws->x->ctx, 400, 0,
		"no sub-protocol of Sec-WebSocket-Protocol is spoken here: offer one of %s",
		list ? list : "others");
}

static int choose_protocol(struct cor_websocket *ws)
{
	struct cor_str offered = header(ws, "sec-websocket-protocol");
	const char *const *own = ws->operation->websocket.protocols;

	if (!offered.data || !own)
		return 0;
	for (; *own; own++) {
		if (!offers(offered, *own))
			continue;
		ws->protocol = *own;
		return 0;
	}
	return refuse_protocols(ws);
}

int cor_websocket_check(struct cor_websocket *ws, struct cor_deflate_terms *ret)
{
	enum cor_websocket_compression compression = ws->operation->websocket.compression;
	char answer[COR_EXTENSION_BYTES];
	int rc = check_request(ws);

	*ret = (struct cor_deflate_terms){ 0 };
	if (rc == 0)
		rc = check_origin(ws);
	if (rc == 0)
		rc = choose_protocol(ws);
	if (rc == 0 && compression != COR_COMPRESSION_OFF)
		cor_deflate_agree(header(ws, "sec-websocket-extensions"),
			compression == COR_COMPRESSION_TAKEOVER, ret, answer);
	return rc;
}

/* --- the answer --- */

#define FIELDS_MAX 3

/* Texts of the answer: it is out before they go. */
struct answer {
	struct cor_reply_field fields[FIELDS_MAX];
	size_t len;
	char key[COR_ACCEPT_KEY_BYTES];
	char extension[COR_EXTENSION_BYTES];
};

static void add(struct answer *answer, struct cor_str name, const char *value)
{
	answer->fields[answer->len++] = (struct cor_reply_field){ .name = name,
		.value = cor_str(value) };
}

static void fill(struct cor_websocket *ws, struct answer *answer)
{
	struct cor_deflate_terms terms;
	bool takes_over = ws->operation->websocket.compression == COR_COMPRESSION_TAKEOVER;

	answer->len = 0;
	if (asks(ws) == COR_SWITCHING_UPGRADE) {
		cor_websocket_accept_key(header(ws, "sec-websocket-key"), answer->key);
		add(answer, COR_STR("Sec-WebSocket-Accept"), answer->key);
	}
	if (ws->protocol[0])
		add(answer, COR_STR("Sec-WebSocket-Protocol"), ws->protocol);
	if (ws->reader.terms.is_on && cor_deflate_agree(header(ws, "sec-websocket-extensions"),
					      takes_over, &terms, answer->extension))
		add(answer, COR_STR("Sec-WebSocket-Extensions"), answer->extension);
}

/* They stand in the reply for the time of the call, so that they cost ctx no memory. */
static COR_OUT_OF_LINE int answer(struct cor_websocket *ws)
{
	struct cor_exchange *x = ws->x;
	struct cor_reply_field *last = x->fields_out_last;
	struct answer answer;

	fill(ws, &answer);
	for (size_t i = 0; i < answer.len; i++)
		cor_exchange_link_field(x, &answer.fields[i]);
	int rc = x->ops->switch_protocols(x, COR_STR("websocket"));
	cor_exchange_take_back(x, last);
	return rc;
}

int cor_websocket_accept(struct cor_websocket *ws)
{
	if (ws->is_open || ws->failure != 0)
		return ws->failure;
	int rc = answer(ws);
	if (rc < 0)
		return cor_websocket_lose(ws, rc);
	ws->is_open = true;
	cor_clock_settle(cor_scheduler_current());
	ws->heard_ns = ws->messaged_ns = cor_clock_now(cor_scheduler_current());
	return 0;
}

const char *cor_websocket_protocol(const struct cor_websocket *ws)
{
	return ws->protocol;
}
