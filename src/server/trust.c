/* SPDX-License-Identifier: MIT */
#include "server/trust.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int cor_trust_open(const struct cor_server_settings *settings, struct cor_trust *ret)
{
	size_t len = settings->trusted_proxies.len;
	struct cor_proxy_network *networks = calloc(len ? len : 1, sizeof *networks);
	struct cor_trust trust = { .proxies = { networks, len } };
	int rc = 0;

	if (!networks)
		return -ENOMEM;
	for (size_t i = 0; i < len && rc == 0; i++)
		rc = cor_proxy_network_parse(settings->trusted_proxies.items[i], &networks[i]);
	for (size_t i = 0; i < settings->trusted_headers.len; i++)
		trust.told_by |= cor_told_by_find(settings->trusted_headers.items[i]);
	if (rc < 0) {
		free(networks);
		return -EINVAL;
	}
	*ret = trust;
	return 0;
}

void cor_trust_close(struct cor_trust *trust)
{
	free(trust->proxies.networks);
}

bool cor_trust_has_header(const struct cor_server_settings *settings, const char *listener)
{
	for (size_t i = 0; i < settings->proxy_protocol.len; i++)
		if (strcmp(settings->proxy_protocol.items[i], listener) == 0)
			return true;
	return false;
}
