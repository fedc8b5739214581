/* SPDX-License-Identifier: MIT */
#include "service/site.h"

#include <string.h>
#include <strings.h>

#include "http/host.h"

struct cor_str cor_host_name(struct cor_str host)
{
	const char *end = host.len ? memchr(host.data, host.data[0] == '[' ? ']' : ':', host.len)
				   : NULL;

	if (end)
		host.len = (size_t)(end - host.data) + (host.data[0] == '[');
	if (host.len > 1 && host.data[host.len - 1] == '.')
		host.len--;
	return host;
}

const char *cor_host_fault(const char *pattern)
{
	struct cor_str text = cor_str(pattern + (pattern[0] == '.'));
	bool is_name = text.len != 0 && text.data[0] != '[';

	if (strchr(pattern, '*'))
		return "all hosts below a name are written with a dot: .example.com";
	if (text.len == 0 || !cor_host_valid(text, COR_HOST_PORT_OPTIONAL) ||
		cor_host_name(text).len != text.len || (is_name && text.data[0] == '.') ||
		(!is_name && pattern[0] == '.'))
		return "a .host is a name or an address without a port: example.com, or "
		       ".example.com for all below it";
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] >= 'A' && text.data[i] <= 'Z')
			return "a .host is written in lower case";
	return NULL;
}

bool cor_host_matches(const char *pattern, struct cor_str host)
{
	struct cor_str name = cor_host_name(host);
	size_t len = strlen(pattern);

	if (pattern[0] != '.')
		return name.len == len && strncasecmp(name.data, pattern, len) == 0;
	return name.len > len && name.data[0] != '[' &&
	       strncasecmp(name.data + name.len - len, pattern, len) == 0;
}

const struct cor_site *cor_site_find(const struct cor_site *sites, size_t len, struct cor_str host)
{
	const struct cor_site *found = NULL;

	for (size_t i = 0; i < len; i++) {
		const struct cor_site *site = &sites[i];
		if (!cor_host_matches(site->host, host))
			continue;
		if (site->host[0] != '.')
			return site;
		if (!found || strlen(site->host) > strlen(found->host))
			found = site;
	}
	return found;
}
