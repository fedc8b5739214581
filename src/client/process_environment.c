/* SPDX-License-Identifier: MIT */
#include "client/process_environment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <coracle/ip.h>

#include "base/number.h"

/* The environment changes only before there are threads. */
static const char *variable(const char *name)
{
	return getenv(name); /* NOLINT(concurrency-mt-unsafe) */
}

/* --- what is set --- */

static struct cor_process_variable find(const char *small, const char *large)
{
	const char *value = variable(small);
	struct cor_process_variable found = { small, value };

	if (!value && large)
		found = (struct cor_process_variable){ large, variable(large) };
	if (!found.value || !found.value[0])
		found.name = NULL;
	return found;
}

/* Without a scheme it is one of HTTP. */
static int add_scheme(struct cor_arena *arena, struct cor_process_variable *proxy)
{
	if (!proxy->name || strstr(proxy->value, "://"))
		return 0;
	proxy->value = cor_arena_printf(arena, "http://%s", proxy->value);
	return proxy->value ? 0 : -ENOMEM;
}

int cor_process_environment_read(struct cor_arena *arena, struct cor_process_environment *ret)
{
	struct cor_process_variable all = find("all_proxy", "ALL_PROXY");
	struct cor_process_variable none = find("no_proxy", "NO_PROXY");
	struct cor_process_variable file = find("SSL_CERT_FILE", NULL);

	ret->http = find("http_proxy", variable("REQUEST_METHOD") ? NULL : "HTTP_PROXY");
	ret->https = find("https_proxy", "HTTPS_PROXY");
	if (!ret->http.name)
		ret->http = all;
	if (!ret->https.name)
		ret->https = all;
	ret->no_proxy = none.name ? none.value : NULL;
	ret->ca_file = file.name ? file.value : NULL;
	return add_scheme(arena, &ret->http) < 0 || add_scheme(arena, &ret->https) < 0 ? -ENOMEM
										       : 0;
}

/* --- what goes without --- */

/* Take ":8080" from the end, if it is a port. Returns it; 0: there is none. */
static uint64_t take_port(struct cor_str *entry)
{
	const char *colon = memrchr(entry->data, ':', entry->len);
	const char *first = memchr(entry->data, ':', entry->len);
	size_t host_len = colon ? (size_t)(colon - entry->data) : entry->len;
	uint64_t port = 0;

	/* several of them are an address of version 6, unless that stands in brackets */
	if (!colon || (colon != first && entry->data[host_len - 1] != ']'))
		return 0;
	struct cor_str digits = { colon + 1, entry->len - host_len - 1 };
	if (cor_number_parse_uint64(digits, &port) < 0)
		return 0;
	entry->len = host_len;
	return port;
}

/* With bits behind the prefix, too: "10.1.2.3/8". */
static bool read_network(struct cor_str entry, struct cor_network *ret)
{
	const char *slash = memchr(entry.data, '/', entry.len);
	size_t len = slash ? (size_t)(slash - entry.data) : entry.len;
	uint64_t prefix = 0;

	if (cor_ip_parse((struct cor_str){ entry.data, len }, &ret->first) < 0)
		return false;
	uint64_t most = ret->first.version == 4 ? 32 : 128;
	if (!slash)
		prefix = most;
	else if (cor_number_parse_uint64(
			 (struct cor_str){ slash + 1, entry.len - len - 1 }, &prefix) < 0 ||
		 prefix > most)
		return false;
	ret->prefix = (uint8_t)prefix;
	for (size_t i = 0; i < sizeof ret->first.bytes; i++)
		if (8 * (i + 1) > prefix)
			ret->first.bytes[i] &= (uint8_t)(8 * i >= prefix ? 0
									 : 0xff00 >> prefix % 8);
	return true;
}

static bool is_within(struct cor_str host, struct cor_str domain)
{
	size_t above = host.len - domain.len;

	return host.len >= domain.len && domain.len &&
	       strncasecmp(host.data + above, domain.data, domain.len) == 0 &&
	       (above == 0 || host.data[above - 1] == '.');
}

static bool covers(struct cor_str entry, const struct cor_url *url)
{
	uint64_t port = take_port(&entry);
	struct cor_network network;
	struct cor_ip ip;

	if (port && port != url->port)
		return false;
	if (entry.len > 1 && entry.data[0] == '[' && entry.data[entry.len - 1] == ']')
		entry = (struct cor_str){ entry.data + 1, entry.len - 2 };
	if (cor_str_equal(entry, COR_STR("*")))
		return true;
	if (cor_ip_parse(url->host, &ip) == 0)
		return read_network(entry, &network) && cor_network_has(&network, &ip);
	if (entry.len && entry.data[0] == '.')
		entry = (struct cor_str){ entry.data + 1, entry.len - 1 };
	return is_within(url->host, entry);
}

static bool is_excepted(const char *list, const struct cor_url *url)
{
	while (*list) {
		size_t len = strcspn(list, ", \t");
		if (len && covers((struct cor_str){ list, len }, url))
			return true;
		list += len + (list[len] != '\0');
	}
	return false;
}

struct cor_process_variable cor_process_environment_proxy(
	const struct cor_process_environment *environment, const struct cor_url *url)
{
	static const struct cor_process_variable nothing;

	if (url->unix_path || (environment->no_proxy && is_excepted(environment->no_proxy, url)))
		return nothing;
	return url->is_tls ? environment->https : environment->http;
}
