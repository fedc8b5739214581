/* SPDX-License-Identifier: MIT */
#include "http/host.h"

#include <arpa/inet.h>
#include <stddef.h>

#include "http/chars.h"

/* "[" IPv6address "]": where it ends, or NULL. */
static const char *literal_end(const char *at, const char *end)
{
	const char *close = memchr(at, ']', (size_t)(end - at));
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (!close || (size_t)(close - at - 1) >= sizeof text)
		return NULL;
	memcpy(text, at + 1, (size_t)(close - at - 1));
	text[close - at - 1] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1 ? close + 1 : NULL;
}

/* reg-name, of which an IPv4 address is one: where it ends, or NULL. */
static const char *name_end(const char *at)
{
	for (at = cor_chars_skip(at, COR_CHAR_HOST); *at == '%';
		at = cor_chars_skip(at, COR_CHAR_HOST)) {
		if (!cor_char_is(at[1], COR_CHAR_HEX) || !cor_char_is(at[2], COR_CHAR_HEX))
			return NULL;
		at += 3;
	}
	return at;
}

/* port = *DIGIT */
static bool port_valid(const char *at, const char *end)
{
	unsigned port = 0;

	if (cor_chars_skip(at, COR_CHAR_DIGIT) != end)
		return false;
	if (end - at <= 4)
		return true;
	for (; at < end && port <= 65535; at++)
		port = port * 10 + (unsigned)(*at - '0');
	return port <= 65535;
}

bool cor_host_valid(struct cor_str text, enum cor_host_port port)
{
	if (text.len == 0)
		return false;
	const char *end = text.data + text.len;
	const char *at = *text.data == '[' ? literal_end(text.data, end) : name_end(text.data);
	if (!at || at == text.data)
		return false;
	if (at == end)
		return port == COR_HOST_PORT_OPTIONAL;
	if (*at != ':' || (port == COR_HOST_PORT_REQUIRED && at + 1 == end))
		return false;
	return port_valid(at + 1, end);
}
