/* SPDX-License-Identifier: MIT */
#include "memcached/servers.h"

#include <errno.h>
#include <string.h>

#include <coracle/str.h>

#include "base/number.h"

static struct cor_str trimmed(struct cor_str text)
{
	while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\n')) {
		text.data++;
		text.len--;
	}
	while (text.len > 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\n'))
		text.len--;
	return text;
}

/* Take what stands before the next comma out. */
static struct cor_str next_item(struct cor_str *left)
{
	const char *comma = memchr(left->data, ',', left->len);
	struct cor_str item = *left;

	if (comma)
		item.len = (size_t)(comma - left->data);
	left->data += item.len + (comma ? 1 : 0);
	left->len -= item.len + (comma ? 1 : 0);
	return trimmed(item);
}

/* "host", "host:port", "[::1]", "[::1]:port" into its halves; the port is empty without one. */
static const char *cut(struct cor_str item, struct cor_str *host, struct cor_str *port)
{
	bool has_bracket = item.len > 0 && item.data[0] == '[';
	const char *end = has_bracket ? memchr(item.data, ']', item.len)
				      : memchr(item.data, ':', item.len);

	if (has_bracket && !end)
		return "its '[' has no ']'";
	*host = has_bracket
			? (struct cor_str){ item.data + 1, (size_t)(end - item.data) - 1 }
			: (struct cor_str){ item.data, end ? (size_t)(end - item.data) : item.len };
	*port = (struct cor_str){ NULL, 0 };
	if (has_bracket)
		end++;
	if (end && end < item.data + item.len) {
		*port = (struct cor_str){ end + 1, (size_t)(item.data + item.len - end) - 1 };
		if (*end != ':' || port->len == 0)
			return "after the host comes ':' and its port";
	}
	if (!has_bracket && memchr(port->data ? port->data : "", ':', port->len))
		return "an IPv6 address stands in brackets";
	return host->len == 0 ? "it has no host" : NULL;
}

static const char *read_port(struct cor_str text, uint16_t *ret)
{
	uint64_t number = COR_MEMCACHED_PORT;

	if (text.len != 0 &&
		(cor_number_parse_uint64(text, &number) < 0 || number == 0 || number > UINT16_MAX))
		return "its port is 1 to 65535";
	*ret = (uint16_t)number;
	return NULL;
}

static int set_path(struct cor_arena *arena, struct cor_str path, struct cor_memcached_server *ret)
{
	ret->host = ret->name = cor_arena_copy(arena, path.data, path.len);
	ret->port = 0;
	return ret->host ? 0 : -ENOMEM;
}

static int set_host(struct cor_arena *arena, struct cor_str host, struct cor_memcached_server *ret)
{
	ret->host = cor_arena_copy(arena, host.data, host.len);
	if (!ret->host)
		return -ENOMEM;
	ret->name = cor_arena_printf(arena, "%s:%u", ret->host, ret->port);
	return ret->name ? 0 : -ENOMEM;
}

static int read_server(struct cor_arena *arena, struct cor_str item,
	struct cor_memcached_server *ret, const char **ret_wrong)
{
	struct cor_str host, port;

	ret->weight = 1;
	if (item.len > 5 && memcmp(item.data, "unix:", 5) == 0)
		return set_path(arena, (struct cor_str){ item.data + 5, item.len - 5 }, ret);
	if (item.len > 0 && item.data[0] == '/')
		return set_path(arena, item, ret);
	*ret_wrong = memmem(item.data, item.len, "://", 3)
			     ? "it is no URL: say host:port, or the path of a socket"
			     : cut(item, &host, &port);
	if (!*ret_wrong)
		*ret_wrong = read_port(port, &ret->port);
	return *ret_wrong ? -EINVAL : set_host(arena, host, ret);
}

static const char *twice(const struct cor_memcached_servers *servers)
{
	const struct cor_memcached_server *last = &servers->list[servers->len - 1];

	for (size_t i = 0; i + 1 < servers->len; i++)
		if (strcmp(servers->list[i].name, last->name) == 0)
			return "it is there twice";
	return NULL;
}

int cor_memcached_servers_parse(struct cor_arena *arena, const char *at,
	struct cor_memcached_servers *ret, const char **ret_fault)
{
	struct cor_str left = cor_str(at);

	ret->len = 0;
	ret->list = cor_arena_zalloc(arena, COR_MEMCACHED_SERVERS_MAX * sizeof *ret->list);
	if (!ret->list)
		return -ENOMEM;
	do {
		struct cor_str item = next_item(&left);
		const char *wrong = ret->len == COR_MEMCACHED_SERVERS_MAX ? "64 at most" : NULL;
		int rc = wrong ? -EINVAL : read_server(arena, item, &ret->list[ret->len], &wrong);

		if (rc == 0) {
			ret->len++;
			wrong = twice(ret);
		}
		if (wrong) {
			*ret_fault = cor_arena_printf(arena, "names the server \"%.*s\" in .at: %s",
				(int)item.len, item.data, wrong);
			return *ret_fault ? -EINVAL : -ENOMEM;
		}
		if (rc < 0)
			return rc;
	} while (left.len > 0);
	return 0;
}
