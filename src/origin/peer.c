/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <string.h>

#include "origin/peer.h"

#define IP_TEXT_MAX 45 /* an IPv6 address that ends as an IPv4 one */

static bool read_ip(struct cor_str text, int family, struct cor_peer *ret)
{
	char copy[IP_TEXT_MAX + 1];
	struct cor_peer peer = { .family = (uint8_t)family };

	if (text.len == 0 || text.len > IP_TEXT_MAX || memchr(text.data, '\0', text.len))
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	if (inet_pton(family, copy, peer.ip) != 1)
		return false;
	*ret = peer;
	return true;
}

bool cor_port_parse(struct cor_str text, uint16_t *ret)
{
	uint32_t port = 0;

	if (text.len == 0 || text.len > 5)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		port = port * 10 + (uint32_t)(text.data[i] - '0');
	}
	if (port > UINT16_MAX)
		return false;
	*ret = (uint16_t)port;
	return true;
}

/* What stands behind the address: nothing, or a port. */
static bool read_rest(struct cor_str text, size_t at, uint16_t *ret)
{
	uint16_t port;

	if (at == text.len)
		return true;
	if (text.data[at] != ':' ||
		!cor_port_parse((struct cor_str){ text.data + at + 1, text.len - at - 1 }, &port))
		return false;
	*ret = htons(port);
	return true;
}

static bool read_bracketed(struct cor_str text, struct cor_peer *ret)
{
	const char *end = memchr(text.data, ']', text.len);
	struct cor_peer peer;

	if (!end)
		return false;
	size_t len = (size_t)(end - text.data);
	if (!read_ip((struct cor_str){ text.data + 1, len - 1 }, AF_INET6, &peer) ||
		!read_rest(text, len + 1, &peer.port))
		return false;
	*ret = peer;
	return true;
}

static bool read_v4(struct cor_str text, struct cor_peer *ret)
{
	const char *colon = memchr(text.data, ':', text.len);
	size_t len = colon ? (size_t)(colon - text.data) : text.len;
	struct cor_peer peer;

	if (!read_ip((struct cor_str){ text.data, len }, AF_INET, &peer) ||
		!read_rest(text, len, &peer.port))
		return false;
	*ret = peer;
	return true;
}

bool cor_peer_parse(struct cor_str text, struct cor_peer *ret)
{
	if (text.len == 0)
		return false;
	if (text.data[0] == '[')
		return read_bracketed(text, ret);
	return read_ip(text, AF_INET6, ret) || read_v4(text, ret);
}
