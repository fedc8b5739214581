/* SPDX-License-Identifier: MIT */
#include "curl/kept.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "curl/ending.h"
#include "curl/wire.h"

static struct cor_curl_ends ends_of(const char *ip, long port, long own_port)
{
	struct cor_curl_ends ends = { .port = port, .own_port = own_port };

	snprintf(ends.ip, sizeof ends.ip, "%s", ip ? ip : "");
	return ends;
}

/* COR_CARRIER_KEPT_MAX: it is not there. */
static unsigned find(const struct cor_curl_kept *kept, const struct cor_curl_ends *ends)
{
	unsigned at = 0;

	while (at < COR_CARRIER_KEPT_MAX &&
		(kept->sockets[at].ends.own_port != ends->own_port ||
			kept->sockets[at].ends.port != ends->port ||
			strcmp(kept->sockets[at].ends.ip, ends->ip) != 0))
		at++;
	return at;
}

/* Whoever had those ends before is gone. */
void cor_curl_kept_note(struct cor_curl_wire *wire)
{
	struct cor_curl_kept *kept = &wire->state->kept;
	curl_socket_t fd = CURL_SOCKET_BAD;
	long port = 0, own_port = 0, version = 0;
	char *ip = NULL;

	curl_easy_getinfo(wire->easy, CURLINFO_ACTIVESOCKET, &fd);
	curl_easy_getinfo(wire->easy, CURLINFO_PRIMARY_IP, &ip);
	curl_easy_getinfo(wire->easy, CURLINFO_PRIMARY_PORT, &port);
	curl_easy_getinfo(wire->easy, CURLINFO_LOCAL_PORT, &own_port);
	curl_easy_getinfo(wire->easy, CURLINFO_HTTP_VERSION, &version);
	if (fd == CURL_SOCKET_BAD || own_port <= 0)
		return;
	struct cor_curl_ends ends = ends_of(ip, port, own_port);
	unsigned at = find(kept, &ends);
	if (at == COR_CARRIER_KEPT_MAX)
		at = kept->next++ % COR_CARRIER_KEPT_MAX;
	kept->sockets[at].ends = ends;
	kept->sockets[at].fd = version > CURL_HTTP_VERSION_1_1 ? -1 : fd;
}

static bool is_readable(int fd)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };

	return poll(&one, 1, 0) > 0;
}

bool cor_curl_kept_is_stale(struct cor_curl_wire *wire, const char *ip, long port, long own_port)
{
	const struct cor_curl_kept *kept = &wire->state->kept;
	struct cor_curl_ends ends = ends_of(ip, port, own_port);
	unsigned at = find(kept, &ends);

	if (at == COR_CARRIER_KEPT_MAX || kept->sockets[at].fd < 0)
		return false;
	return is_readable(kept->sockets[at].fd) || cor_curl_ending_has_more(wire);
}
