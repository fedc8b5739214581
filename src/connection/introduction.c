/* SPDX-License-Identifier: MIT */
#include "connection/introduction.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "connection/handshake.h"
#include "connection/listener.h"
#include "observe/logger.h"
#include "origin/forwarded.h"
#include "origin/proxy_header.h"

#define FIRST_BYTES 256 /* for most headers, and a little of what follows */

_Static_assert(FIRST_BYTES >= COR_PROXY_HEADER_LINE_MAX, "a line fits");

/* One line in ten seconds: anybody may connect. */
static COR_COLD void complain(const struct cor_connection *c, const char *what)
{
	struct cor_loop *loop = c->loop;
	struct cor_address address;
	char text[COR_ADDRESS_TEXT_BYTES];

	if (!cor_loops_may_complain(loop->group, cor_clock_now(loop->scheduler)))
		return;
	cor_peer_address(cor_connection_other_end(c), &address);
	cor_address_print_host(&address, text);
	cor_logger_log(loop->logger, COR_LOG_WARNING, NULL, "%s %s", text, what);
}

static bool is_trusted(const struct cor_connection *c)
{
	const struct cor_trust *trust = c->loop->group->trust;

	return trust && cor_proxies_trust(&trust->proxies, &c->peer);
}

int cor_introduction_await(struct cor_connection *c, const struct cor_listener *listener)
{
	if (!is_trusted(c)) {
		complain(c, "is not one of --trusted-proxies: its connection to a listener with "
			    "--proxy-protocol is closed");
		return -ECANCELED;
	}
	struct cor_introduction *introduction = calloc(1, sizeof *introduction);
	if (!introduction)
		return -ENOMEM;
	introduction->proxy = c->peer;
	introduction->is_counted = true; /* or trusted, and then nobody counts it */
	introduction->listener = listener;
	introduction->capacity = FIRST_BYTES;
	introduction->bytes = malloc(FIRST_BYTES);
	if (!introduction->bytes) {
		free(introduction);
		return -ENOMEM;
	}
	c->introduction = introduction;
	cor_connection_set(c, COR_CONNECTION_SHAKING);
	return 0;
}

void cor_introduction_destroy(struct cor_introduction *introduction)
{
	if (!introduction)
		return;
	free(introduction->bytes);
	free(introduction->told);
	free(introduction);
}

void cor_introduction_is_late(struct cor_connection *c)
{
	if (c->introduction && c->introduction->bytes)
		complain(c, "has sent no PROXY header in time: its connection is closed "
			    "(--proxy-protocol, --header-timeout-ms)");
}

/* The client counts as one that has connected itself. */
static int meet(struct cor_connection *c, const struct cor_proxy_header *header)
{
	struct cor_peers *peers = &c->loop->group->peers;

	c->introduction->is_tls = header->tls.is_used;
	if (header->is_local)
		return 0;
	if (!cor_peers_take(peers, &header->source)) {
		cor_count(&c->loop->counts->refused[COR_REFUSED_PEER], 1);
		complain(c, "has brought a client with as many connections as one may have: it "
			    "is closed (--connections-per-peer)");
		return -EUSERS;
	}
	c->peer = header->source;
	return 0;
}

/* Few ask for it: what few proxies send is kept where it came. */
static int keep_told(struct cor_introduction *introduction, const struct cor_proxy_header *header)
{
	if (!cor_proxy_header_says_more(header))
		return 0;
	introduction->told = malloc(cor_proxy_told_bytes(header));
	if (!introduction->told)
		return -ENOMEM;
	cor_proxy_told_init(introduction->told, introduction->bytes, header);
	return 0;
}

int cor_connection_introduce(struct cor_connection *c, const struct cor_peer *client, bool is_tls)
{
	struct cor_peers *peers = &c->loop->group->peers;
	struct cor_introduction *introduction = calloc(1, sizeof *introduction);

	if (!introduction)
		return -ENOMEM;
	if (client && !cor_peers_take(peers, client)) {
		cor_count(&c->loop->counts->refused[COR_REFUSED_PEER], 1);
		free(introduction);
		return -EUSERS;
	}
	introduction->proxy = c->peer;
	introduction->is_tls = is_tls;
	introduction->is_counted = client != NULL;
	c->introduction = introduction;
	if (client)
		c->peer = *client;
	return 0;
}

bool cor_connection_is_counted(const struct cor_connection *c)
{
	return c->introduction ? c->introduction->is_counted : !c->protocol->is_of_proxies;
}

/* The header is there: what follows it is the client's. */
static int end(struct cor_connection *c, const struct cor_proxy_header *header)
{
	struct cor_introduction *introduction = c->introduction;
	size_t rest = introduction->len - header->bytes;
	int rc = keep_told(introduction, header);

	if (rc == 0)
		rc = meet(c, header);
	if (rc == 0 && rest != 0)
		rc = cor_connection_keep(c, introduction->bytes + header->bytes, rest);
	free(introduction->bytes);
	introduction->bytes = NULL;
	if (rc == 0 && introduction->listener->filters)
		rc = cor_handshake_begin(c, introduction->listener);
	return rc;
}

static int make_room(struct cor_introduction *introduction, size_t bytes)
{
	if (bytes <= introduction->capacity)
		return 0;
	char *more = realloc(introduction->bytes, bytes);
	if (!more)
		return -ENOMEM;
	introduction->bytes = more;
	introduction->capacity = bytes;
	return 0; /* NOLINT(analyzer-malloc-leak): it is in bytes */
}

/* A filter reads the socket itself: nothing behind the header may be taken from it. */
static int receive(struct cor_connection *c, size_t all)
{
	const struct cor_transport *transport = c->loop->scheduler->transport;
	struct cor_introduction *introduction = c->introduction;
	bool more;

	if (make_room(introduction, all) < 0)
		return -ENOMEM;
	size_t end = introduction->listener->filters ? all : introduction->capacity;
	ssize_t n = transport->receive(transport, c->watch.fd,
		introduction->bytes + introduction->len, end - introduction->len, &more);
	if (n <= 0)
		return n == 0 ? -ECONNRESET : (int)n;
	cor_count(&c->loop->counts->bytes_received, (uint64_t)n);
	introduction->len += (size_t)n;
	return 0;
}

int cor_introduction_hear(struct cor_connection *c)
{
	struct cor_introduction *introduction = c->introduction;
	struct cor_proxy_header header;
	int rc;

	if (!introduction->bytes)
		return 0;
	while ((rc = cor_proxy_header_read(introduction->bytes, introduction->len, &header)) ==
		-EAGAIN) {
		rc = receive(c, header.bytes);
		if (rc < 0)
			return rc;
	}
	if (rc == 0)
		return end(c, &header);
	complain(c, "has sent no PROXY header that can be understood: its connection is closed "
		    "(--proxy-protocol)");
	return rc;
}
