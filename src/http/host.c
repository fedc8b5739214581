/* SPDX-License-Identifier: MIT */
#include "http/host.h"

#include <stddef.h>

#include "http/chars.h"

static size_t hex_run(const char *at, const char *end)
{
	size_t len = 0;

	while (at + len < end && cor_char_is(at[len], COR_CHAR_HEX))
		len++;
	return len;
}

/* dec-octet "." dec-octet "." dec-octet "." dec-octet, without leading zeros */
static bool ipv4_valid(const char *at, const char *end)
{
	for (unsigned octet = 0; octet < 4; octet++) {
		const char *start = at;
		unsigned value = 0;

		while (at < end && at - start < 3 && cor_char_is(*at, COR_CHAR_DIGIT))
			value = value * 10 + (unsigned)(*at++ - '0');
		if (at == start || value > 255 || (*start == '0' && at - start > 1))
			return false;
		if (octet < 3 && (at == end || *at++ != '.'))
			return false;
	}
	return at == end;
}

/*
 * IPv6address: eight groups of up to four digits; "::" stands once for one or more groups of zero;
 * the last two may be IPv4
 */
static bool ipv6_valid(const char *at, const char *end)
{
	unsigned groups = 0;
	bool gap = end - at >= 2 && at[0] == ':' && at[1] == ':';

	for (at += gap ? 2 : 0; at < end;) {
		size_t digits = hex_run(at, end);

		if (at + digits < end && at[digits] == '.')
			return (gap ? groups <= 5 : groups == 6) && ipv4_valid(at, end);
		if (digits == 0 || digits > 4)
			return false;
		groups++;
		at += digits;
		if (at == end)
			break;
		if (*at++ != ':' || at == end)
			return false;
		if (*at == ':') {
			if (gap)
				return false;
			gap = true;
			at++;
		}
	}
	return gap ? groups <= 7 : groups == 8;
}

/* "[" IPv6address "]": where it ends, or NULL. */
static const char *literal_end(const char *at, const char *end)
{
	const char *close = memchr(at, ']', (size_t)(end - at));

	return close && ipv6_valid(at + 1, close) ? close + 1 : NULL;
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

/* The whole grammar. */
static bool any_host_valid(struct cor_str text, enum cor_host_port port)
{
	const char *end = text.data + text.len;
	const char *at = text.len > 0 && *text.data == '[' ? literal_end(text.data, end)
							   : name_end(text.data);

	if (!at || at == text.data)
		return false;
	if (at == end)
		return port == COR_HOST_PORT_OPTIONAL;
	if (*at != ':' || (port == COR_HOST_PORT_REQUIRED && at + 1 == end))
		return false;
	return port_valid(at + 1, end);
}

/* The common case: a name without '%' and a port of one to four digits. */
bool cor_host_valid(struct cor_str text, enum cor_host_port port)
{
	const char *end = text.data + text.len;
	const char *at = cor_chars_skip(text.data, COR_CHAR_HOST);

	if (*at == ':' && at > text.data && end - at >= 2 && end - at <= 5 &&
		cor_chars_skip(at + 1, COR_CHAR_DIGIT) == end)
		return true;
	return any_host_valid(text, port);
}
