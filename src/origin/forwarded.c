/* SPDX-License-Identifier: MIT */
#include "origin/forwarded.h"

#include <string.h>
#include <strings.h>

#include "base/trim.h"
#include "http/host.h"

const char *const cor_told_by_names[COR_TOLD_BY_COUNT] = {
	"Forwarded",
	"X-Forwarded-For",
	"X-Forwarded-Proto",
	"X-Forwarded-Host",
	"X-Forwarded-Port",
	"X-Forwarded-Prefix",
};

enum { FORWARDED, X_FOR, X_PROTO, X_HOST, X_PORT, X_PREFIX };

uint8_t cor_told_by_find(const char *name)
{
	for (int i = 0; i < COR_TOLD_BY_COUNT; i++)
		if (strcasecmp(name, cor_told_by_names[i]) == 0)
			return (uint8_t)(1 << i);
	return 0;
}

static bool is(struct cor_str text, const char *expected)
{
	return text.len == strlen(expected) && strncasecmp(text.data, expected, text.len) == 0;
}

/*
 * Take the last element off a list, and those behind it that are empty. Returns false at its
 * beginning. Quotes are paired from the right: one that a client has left open does not reach what
 * a proxy has added.
 */
static bool take_last(struct cor_str *list, struct cor_str *ret)
{
	do {
		bool quoted = false;
		size_t at = list->len;

		if (at == 0)
			return false;
		while (at != 0 && (quoted || list->data[at - 1] != ',')) {
			at--;
			quoted ^= list->data[at] == '"';
		}
		*ret = cor_trim((struct cor_str){ list->data + at, list->len - at });
		list->len = at != 0 ? at - 1 : 0;
	} while (ret->len == 0);
	return true;
}

/* --- what they say --- */

static bool read_scheme(struct cor_str text, struct cor_str *ret)
{
	if (is(text, "https"))
		*ret = COR_STR("https");
	else if (is(text, "http"))
		*ret = COR_STR("http");
	else
		return false;
	return true;
}

static bool read_host(struct cor_str text, struct cor_str *ret)
{
	if (text.len == 0 || !cor_host_valid(text, COR_HOST_PORT_OPTIONAL))
		return false;
	*ret = text;
	return true;
}

static bool read_port(struct cor_str text, struct cor_str *ret)
{
	uint16_t port;

	if (!cor_port_parse(text, &port) || text.data[0] == '0')
		return false;
	*ret = text;
	return true;
}

static bool is_dots(const char *segment, size_t len)
{
	return (len == 1 && segment[0] == '.') ||
	       (len == 2 && segment[0] == '.' && segment[1] == '.');
}

static bool is_plain(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || memchr("-._~!$&'()*+;=:@", byte, 16);
}

/* Segments that are not empty: two slashes at its beginning would name another host. */
static bool read_prefix(struct cor_str text, struct cor_str *ret)
{
	if (text.len > 1 && text.data[text.len - 1] == '/')
		text.len--;
	if (text.len > COR_PREFIX_MAX || text.len == 0 || text.data[0] != '/')
		return false;
	if (text.len == 1) {
		*ret = (struct cor_str){ "", 0 };
		return true;
	}
	for (size_t at = 0; at < text.len;) {
		size_t first = at + 1, end = first;
		while (end < text.len && is_plain(text.data[end]))
			end++;
		if (end == first || is_dots(text.data + first, end - first) ||
			(end < text.len && text.data[end] != '/'))
			return false;
		at = end;
	}
	*ret = text;
	return true;
}

/* --- Forwarded: RFC 7239 section 4 --- */

struct element {
	struct cor_str node; /* for= */
	struct cor_str scheme;
	struct cor_str host;
};

static struct cor_str take_token(struct cor_str *rest)
{
	size_t len = 0;

	while (len < rest->len && !memchr("=;\" \t", rest->data[len], 5))
		len++;
	struct cor_str token = { rest->data, len };
	rest->data += len;
	rest->len -= len;
	return token;
}

/* Nothing that is looked at has to be escaped in a quoted string. */
static bool take_quoted(struct cor_str *rest, struct cor_str *ret)
{
	const char *end = memchr(rest->data + 1, '"', rest->len - 1);

	if (!end || memchr(rest->data, '\\', (size_t)(end - rest->data)))
		return false;
	*ret = (struct cor_str){ rest->data + 1, (size_t)(end - rest->data) - 1 };
	rest->len -= ret->len + 2;
	rest->data = end + 1;
	return true;
}

static bool keep(struct cor_str name, struct cor_str value, struct element *ret)
{
	if (is(name, "for")) {
		ret->node = value;
		return value.len != 0;
	}
	if (is(name, "proto"))
		return read_scheme(value, &ret->scheme);
	if (is(name, "host"))
		return read_host(value, &ret->host);
	return true; /* by=, or an extension */
}

/* One pair, and the semicolon behind it. */
static bool take_pair(struct cor_str *rest, struct element *ret)
{
	struct cor_str name = take_token(rest), value;

	if (name.len == 0 || rest->len == 0 || rest->data[0] != '=')
		return false;
	rest->data++;
	rest->len--;
	if (rest->len != 0 && rest->data[0] == '"') {
		if (!take_quoted(rest, &value))
			return false;
	} else {
		value = take_token(rest);
	}
	*rest = cor_trim(*rest);
	if (rest->len != 0 && rest->data[0] != ';')
		return false;
	if (rest->len != 0)
		*rest = cor_trim((struct cor_str){ rest->data + 1, rest->len - 1 });
	return keep(name, value, ret);
}

static bool read_element(struct cor_str text, struct element *ret)
{
	*ret = (struct element){ 0 };
	while (text.len != 0)
		if (!take_pair(&text, ret))
			return false;
	return true;
}

/* Section 6: nobody needs to know who it is. Its port may be obfuscated, too. */
static bool is_hidden(struct cor_str node)
{
	const char *colon = memchr(node.data, ':', node.len);
	struct cor_str name = { node.data, colon ? (size_t)(colon - node.data) : node.len };

	return node.data[0] == '_' || is(name, "unknown");
}

static bool read_node(struct cor_str node, struct cor_peer *ret)
{
	for (size_t i = 1; i + 1 < node.len; i++)
		if (node.data[i] == ':' && node.data[i + 1] == '_')
			node.len = i;
	return cor_peer_parse(node, ret);
}

static void believe(const struct element *element, struct cor_origin *ret)
{
	if (element->scheme.len != 0)
		ret->scheme = element->scheme;
	if (element->host.len != 0)
		ret->host = element->host;
}

/* Who has added an element is ret->client. Returns whether it has named somebody. */
static bool follow(struct cor_str text, struct cor_origin *ret)
{
	struct element element;

	if (!read_element(text, &element)) {
		ret->malformed |= COR_TOLD_BY_FORWARDED;
		return false;
	}
	believe(&element, ret);
	if (element.node.len == 0 || is_hidden(element.node))
		return false;
	if (read_node(element.node, &ret->client))
		return true;
	ret->malformed |= COR_TOLD_BY_FORWARDED;
	return false;
}

static void read_forwarded(
	const struct cor_proxies *proxies, struct cor_str list, struct cor_origin *ret)
{
	struct cor_str text;

	while (cor_proxies_trust(proxies, &ret->client) && take_last(&list, &text))
		if (!follow(text, ret))
			return;
}

/* --- X-Forwarded-* --- */

static void read_x_for(
	const struct cor_proxies *proxies, struct cor_str list, struct cor_origin *ret)
{
	struct cor_str text;

	while (cor_proxies_trust(proxies, &ret->client) && take_last(&list, &text)) {
		if (cor_peer_parse(text, &ret->client))
			continue;
		ret->malformed |= COR_TOLD_BY_X_FOR;
		return;
	}
}

/* Of the others, what the nearest proxy says. */
static void read_last(struct cor_str list, int which,
	bool (*read)(struct cor_str text, struct cor_str *ret), struct cor_str *to,
	struct cor_origin *ret)
{
	struct cor_str text;

	if (take_last(&list, &text) && !read(text, to))
		ret->malformed |= (uint8_t)(1 << which);
}

void cor_origin_find(const struct cor_proxies *proxies, const struct cor_peer *peer,
	const struct cor_told *told, struct cor_origin *ret)
{
	*ret = (struct cor_origin){ .client = *peer };
	if (!cor_proxies_trust(proxies, peer))
		return;
	read_forwarded(proxies, told->values[FORWARDED], ret);
	read_x_for(proxies, told->values[X_FOR], ret);
	read_last(told->values[X_PROTO], X_PROTO, read_scheme, &ret->scheme, ret);
	read_last(told->values[X_HOST], X_HOST, read_host, &ret->host, ret);
	read_last(told->values[X_PORT], X_PORT, read_port, &ret->port, ret);
	read_last(told->values[X_PREFIX], X_PREFIX, read_prefix, &ret->prefix, ret);
}
