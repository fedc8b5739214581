/* SPDX-License-Identifier: MIT */
#include "uwsgi1/uwsgi1.h"

#include <arpa/inet.h>
#include <errno.h>

#include "connection/input.h"
#include "connection/introduction.h"
#include "http1/partial.h"
#include "uwsgi/head.h"

#define HEAD_KEEP 8192 /* bytes of memory for heads, from one to the next */

/* Returns the length of the head that is in the parser then, or a negative code. */
static ssize_t parse(struct cor_uwsgi1 *uwsgi1, const struct cor_uwsgi_packet *packet)
{
	struct cor_head_parser *parser = &uwsgi1->http1.parser;

	cor_buffer_clear(&uwsgi1->head, HEAD_KEEP);
	int rc = cor_uwsgi_write_head(packet, &uwsgi1->head, &parser->error);
	if (rc < 0)
		return rc;
	ssize_t len = cor_head_parse(parser, uwsgi1->head.data, uwsgi1->head.len);
	if (len == 0) /* it ends with an empty line */
		return cor_http_refuse(&parser->error, 400, "the uwsgi packet is not a request");
	return len;
}

static bool says(
	const struct cor_uwsgi_packet *packet, enum cor_uwsgi_variable name, const char *text)
{
	return cor_str_equal(packet->known[name], cor_str(text));
}

/* Whom the proxy serves: one that has no address there (a unix socket) has none here. */
static int introduce(
	struct cor_uwsgi1 *uwsgi1, struct cor_connection *c, const struct cor_uwsgi_packet *packet)
{
	bool is_tls = says(packet, COR_UWSGI_HTTPS, "on") ||
		      says(packet, COR_UWSGI_SCHEME, "https");
	struct cor_peer client;

	uint16_t port;

	bool is_known = cor_peer_parse(packet->known[COR_UWSGI_CLIENT], &client);
	if (is_known && cor_port_parse(packet->known[COR_UWSGI_CLIENT_PORT], &port))
		client.port = htons(port);
	int rc = cor_connection_introduce(c, is_known ? &client : NULL, is_tls);
	if (rc == -EUSERS)
		return cor_http_refuse(&uwsgi1->http1.parser.error, 503,
			"the client has as many connections as one may have");
	return rc;
}

static void serve(struct cor_uwsgi1 *uwsgi1, struct cor_connection *c,
	const struct cor_uwsgi_packet *packet, const char **data, size_t *len)
{
	ssize_t head_len = parse(uwsgi1, packet);

	if (head_len > 0) {
		int rc = introduce(uwsgi1, c, packet);
		head_len = rc < 0 ? rc : head_len;
	}
	if (head_len == -ENOMEM) {
		cor_connection_lose_to(c, COR_LOSS_MEMORY);
		return;
	}
	if (head_len < 0) {
		cor_http1_refuse_head(&uwsgi1->http1, c, uwsgi1->head.data);
		return;
	}
	if (c->phase == COR_PHASE_PARTIAL)
		cor_http1_forget_partial(c);
	cor_http1_begin(&uwsgi1->http1, c, uwsgi1->head.data, (size_t)head_len, data, len);
	if (!(c->flags & (COR_CONNECTION_BUSY | COR_CONNECTION_LOST)))
		cor_connection_drop_input(c);
}

/* Behind the one request of a connection there is nothing to read. */
static void consume(
	struct cor_protocol *self, struct cor_connection *c, const char *data, size_t len)
{
	struct cor_uwsgi1 *uwsgi1 = (struct cor_uwsgi1 *)self;
	struct cor_http1 *http1 = &uwsgi1->http1;
	struct cor_uwsgi_packet packet;

	if (len == 0 || !cor_connection_may_begin(c))
		return;
	cor_head_parser_reset(&http1->parser);
	ssize_t used = cor_uwsgi_read(&packet, data, len, &http1->parser.error);
	if (used == 0) {
		cor_http1_wait_for_head(http1, c, data, len);
	} else if (used < 0) {
		cor_http1_refuse_head(http1, c, data);
	} else {
		data += used;
		len -= (size_t)used;
		serve(uwsgi1, c, &packet, &data, &len);
	}
}

void cor_uwsgi1_init(struct cor_uwsgi1 *uwsgi1, struct cor_http1 *http1)
{
	*uwsgi1 = (struct cor_uwsgi1){ 0 };
	cor_http1_init(&uwsgi1->http1, http1->serving.loop, http1->serving.settings,
		http1->serving.own_handler);
	cor_serving_share(&uwsgi1->http1.serving, &http1->serving);
	uwsgi1->http1.protocol.consume = consume;
	uwsgi1->http1.protocol.is_of_proxies = true;
}

void cor_uwsgi1_finish(struct cor_uwsgi1 *uwsgi1)
{
	cor_buffer_finish(&uwsgi1->head);
}
