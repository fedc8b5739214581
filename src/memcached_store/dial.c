/* SPDX-License-Identifier: MIT */
#include "memcached_store/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include <coracle/error.h>
#include <coracle/str.h>

#include "outbound/race.h"
#include "resolver/resolver.h"
#include "runtime/filter.h"

static int find_path(const char *path, struct cor_addresses *ret)
{
	struct cor_address *address = &ret->list[0];
	size_t len = strlen(path);

	*address = (struct cor_address){ 0 };
	if (len == 0 || len >= sizeof address->local.sun_path)
		return -EHOSTUNREACH;
	address->local.sun_family = AF_UNIX;
	memcpy(address->local.sun_path, path, len + 1);
	address->bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
	ret->len = 1;
	return 0;
}

static bool is_of_scope(int rc)
{
	return rc == -ETIMEDOUT || rc == -ECANCELED;
}

static int find_host(struct cor_resolver *resolver, const struct cor_memcached_server *server,
	struct cor_addresses *ret)
{
	int rc = cor_resolver_find(resolver, cor_str(server->host), server->port, ret);

	if (rc == 0)
		cor_outbound_interleave(ret);
	return rc == 0 || rc == -ENOMEM || is_of_scope(rc) ? rc : -EHOSTUNREACH;
}

static int meaning(int rc)
{
	if (is_of_scope(rc) || rc == -ENOMEM || rc == -ECONNREFUSED)
		return rc;
	if (rc == -EMFILE || rc == -ENFILE)
		return -ENOMEM;
	return rc == -ENOENT ? -ECONNREFUSED : -EHOSTUNREACH;
}

/* What the code alone would say of something else: "No route to host". */
static const char *why_not(const struct cor_memcached_server *server, int rc, bool is_found)
{
	if (server->port == 0)
		return rc == -ENOENT ? "no such socket" : "";
	return !is_found && rc == -EHOSTUNREACH ? "host not found" : "";
}

/* --- TLS --- */

static int shake_hands(struct cor_outbound_connection *connection, struct cor_filter *filter)
{
	int rc;

	while ((rc = filter->ops->handshake(filter)) == -EAGAIN) {
		uint8_t wanted = filter->wants & (uint32_t)EPOLLOUT ? COR_OUTBOUND_WRITABLE
								    : COR_OUTBOUND_READABLE;
		connection->state &= (uint8_t)~wanted;
		rc = cor_outbound_wait(connection, wanted);
		if (rc < 0)
			return rc;
	}
	return rc;
}

static int meaning_of_handshake(int rc)
{
	if (rc == 0 || is_of_scope(rc) || rc == -ENOMEM || rc == -COR_ECERTIFICATE ||
		rc == -ECONNRESET)
		return rc;
	return rc == -EPROTO || rc == -EPROTONOSUPPORT ? -EPROTO : -EHOSTUNREACH;
}

static int secure(struct cor_outbound_connection *connection,
	const struct cor_memcached_dialing *dialing, struct cor_filter **ret_filter,
	char why[COR_MEMCACHED_WHY_BYTES])
{
	struct cor_filter *filter;
	int rc = dialing->tls->attach(
		dialing->tls, connection->transport, connection->watch.fd, &filter);

	if (rc < 0)
		return -ENOMEM;
	filter->peer = dialing->peer;
	rc = meaning_of_handshake(shake_hands(connection, filter));
	if (rc == 0) {
		*ret_filter = filter;
		return 0;
	}
	if (filter->why && !is_of_scope(rc))
		snprintf(why, COR_MEMCACHED_WHY_BYTES, "%s", filter->why);
	else if (rc == -ETIMEDOUT)
		snprintf(why, COR_MEMCACHED_WHY_BYTES, "the server does not answer to TLS");
	filter->ops->destroy(filter);
	return rc;
}

int cor_memcached_dial(const struct cor_memcached_dialing *dialing, struct cor_filter **ret_filter,
	char why[COR_MEMCACHED_WHY_BYTES])
{
	const struct cor_memcached_server *server = dialing->server;
	struct cor_addresses addresses;
	struct cor_outbound_loss loss;
	struct cor_outbound_connection *connection;
	int rc = server->port == 0 ? find_path(server->host, &addresses)
				   : find_host(dialing->resolver, server, &addresses);

	bool is_found = rc == 0;

	*ret_filter = NULL;
	why[0] = '\0';
	if (rc == 0)
		rc = cor_outbound_race(&addresses, &connection, &loss);
	if (rc < 0) {
		snprintf(why, COR_MEMCACHED_WHY_BYTES, "%s", why_not(server, rc, is_found));
		return meaning(rc);
	}
	if (server->port != 0)
		(void)connection->transport->set_option(
			connection->transport, connection->watch.fd, IPPROTO_TCP, TCP_NODELAY, 1);
	rc = dialing->tls ? secure(connection, dialing, ret_filter, why) : 0;
	if (rc == 0)
		return cor_outbound_release(connection);
	cor_outbound_close(connection);
	return rc;
}
