/* SPDX-License-Identifier: MIT */
#include "memcached_store/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>

#include <coracle/str.h>

#include "outbound/race.h"
#include "resolver/resolver.h"

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

int cor_memcached_dial(struct cor_resolver *resolver, const struct cor_memcached_server *server)
{
	struct cor_addresses addresses;
	struct cor_outbound_loss loss;
	struct cor_outbound_connection *connection;
	int rc = server->port == 0 ? find_path(server->host, &addresses)
				   : find_host(resolver, server, &addresses);

	if (rc == 0)
		rc = cor_outbound_race(&addresses, &connection, &loss);
	if (rc < 0)
		return meaning(rc);
	if (server->port != 0)
		(void)connection->transport->set_option(
			connection->transport, connection->watch.fd, IPPROTO_TCP, TCP_NODELAY, 1);
	return cor_outbound_release(connection);
}
