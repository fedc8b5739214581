/* SPDX-License-Identifier: MIT */
#include "outbound/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/fiber.h>

#include "outbound/fault.h"
#include "outbound/race.h"
#include "resolver/resolver.h"

/* --- what went wrong --- */

static int fail_to_resolve(struct cor_wire *wire, int code)
{
	const struct cor_str *host = &wire->request->destination->host;

	if (code == -ENOMEM)
		return cor_outbound_fail(wire, COR_FAILED_MEMORY, code, "no memory");
	return cor_outbound_fail(wire, COR_FAILED_RESOLVE, -EHOSTUNREACH, "no address of %.*s: %s",
		(int)host->len, host->data, cor_resolver_strerror(code));
}

/* "127.0.0.1:8080", and the name that has led there. */
static void print_peer(
	const struct cor_wire *wire, const struct cor_address *peer, char text[COR_FAULT_BYTES])
{
	const struct cor_str *host = &wire->request->destination->host;
	char address[COR_ADDRESS_TEXT_BYTES], bare[COR_ADDRESS_TEXT_BYTES];

	cor_address_print(peer, address);
	cor_address_print_host(peer, bare);
	if (peer->any.sa_family == AF_UNIX || cor_str_equal(cor_str(bare), *host))
		snprintf(text, COR_FAULT_BYTES, "%s", address);
	else
		snprintf(text, COR_FAULT_BYTES, "%s (%.*s)", address, (int)host->len, host->data);
}

static int fail_to_connect(struct cor_wire *wire, int rc, const struct cor_outbound_loss *loss)
{
	char peer[COR_FAULT_BYTES];

	if (rc == -ENOMEM || rc == -EMFILE || rc == -ENFILE)
		return cor_outbound_fail(wire, COR_FAILED_MEMORY, rc,
			"no connection can be opened here: %s", cor_strerror(rc));
	print_peer(wire, &loss->peer, peer);
	if (rc == -ECONNREFUSED)
		return cor_outbound_fail(
			wire, COR_FAILED_REFUSED, rc, "connection refused by %s", peer);
	if (rc == -ENOENT && loss->peer.any.sa_family == AF_UNIX)
		return cor_outbound_fail(wire, COR_FAILED_REFUSED, -ECONNREFUSED,
			"nobody listens at %s: there is no such file", peer);
	return cor_outbound_fail(wire, COR_FAILED_UNREACHABLE, -EHOSTUNREACH,
		"no connection to %s: %s", peer, cor_strerror(rc));
}

/* --- where to --- */

static int local_address(const char *path, struct cor_addresses *ret)
{
	struct cor_address *address = &ret->list[0];
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof address->local.sun_path)
		return -ENAMETOOLONG;
	*address = (struct cor_address){ 0 };
	address->local.sun_family = AF_UNIX;
	memcpy(address->local.sun_path, path, len + 1);
	address->bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
	ret->len = 1;
	return 0;
}

static int find_addresses(
	struct cor_resolver *resolver, struct cor_wire *wire, struct cor_addresses *ret)
{
	const struct cor_destination *destination = wire->request->destination;

	if (destination->unix_path) {
		if (local_address(destination->unix_path, ret) < 0)
			return cor_outbound_fail(wire, COR_FAILED_UNREACHABLE, -EHOSTUNREACH,
				"the path of a unix socket has 1 to %zu bytes",
				sizeof ret->list[0].local.sun_path - 1);
		return 0;
	}
	int rc = cor_resolver_find(resolver, destination->host, destination->port, ret);
	if (rc < 0)
		return rc == -ETIMEDOUT || rc == -ECANCELED ? rc : fail_to_resolve(wire, rc);
	cor_outbound_interleave(ret);
	return 0;
}

int cor_outbound_dial(
	struct cor_resolver *resolver, struct cor_wire *wire, struct cor_outbound_connection **ret)
{
	struct cor_addresses addresses;
	struct cor_outbound_loss loss;
	struct cor_outbound_connection *connection;
	int rc = find_addresses(resolver, wire, &addresses);

	if (rc < 0)
		return rc;
	rc = cor_outbound_race(&addresses, &connection, &loss);
	if (rc < 0)
		return rc == -ETIMEDOUT || rc == -ECANCELED ? rc : fail_to_connect(wire, rc, &loss);
	if (connection->peer.any.sa_family != AF_UNIX)
		(void)connection->transport->set_option(
			connection->transport, connection->watch.fd, IPPROTO_TCP, TCP_NODELAY, 1);
	*ret = connection;
	return 0;
}
