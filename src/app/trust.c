/* SPDX-License-Identifier: MIT */
#include "app/trust.h"

#include <errno.h>
#include <string.h>

#include "origin/forwarded.h"

static enum cor_exit check_proxies(const struct cor_setup *setup)
{
	enum cor_exit status = COR_EXIT_OK;
	struct cor_proxy_network network;

	for (size_t i = 0; i < setup->server.trusted_proxies.len; i++) {
		const char *text = setup->server.trusted_proxies.items[i];
		int rc = cor_proxy_network_parse(text, &network);
		if (rc == -ERANGE)
			status = cor_setup_refuse(setup, "trusted_proxies", text,
				"has bits behind its network: write 10.1.0.0/16 for the network "
				"of 10.1.2.3/16, or the address alone");
		else if (rc < 0)
			status = cor_setup_refuse(setup, "trusted_proxies", text,
				"is no proxy: write an address, NETWORK/BITS such as 10.0.0.0/8 "
				"or 2001:db8::/32, or unix");
	}
	return status;
}

/* A proxy sets one kind and lets a client's own lines of the other pass. */
static enum cor_exit check_headers(const struct cor_setup *setup)
{
	enum cor_exit status = COR_EXIT_OK;
	uint8_t all = 0;

	for (size_t i = 0; i < setup->server.trusted_headers.len; i++) {
		const char *text = setup->server.trusted_headers.items[i];
		uint8_t told_by = cor_told_by_find(text);
		all |= told_by;
		if (told_by == 0)
			status = cor_setup_refuse(setup, "trusted_headers", text,
				"is not understood: choose X-Forwarded-For, X-Forwarded-Proto, "
				"X-Forwarded-Host, X-Forwarded-Port, X-Forwarded-Prefix, or "
				"Forwarded");
	}
	uint8_t one_kind = all & COR_TOLD_BY_X_PREFIX; /* RFC 7239 has no word for it */
	if ((all & COR_TOLD_BY_FORWARDED) && (all & ~(COR_TOLD_BY_FORWARDED | one_kind)))
		status = cor_setup_refuse(setup, "trusted_headers", "Forwarded",
			"says what X-Forwarded-For, -Proto, -Host and -Port say: choose what the "
			"proxy sets");
	return status;
}

static bool is_listener(const struct cor_setup *setup, const char *text)
{
	for (size_t i = 0; i < setup->addresses.len; i++)
		if (strcmp(setup->addresses.items[i], text) == 0)
			return true;
	return false;
}

static enum cor_exit check_listeners(const struct cor_setup *setup)
{
	enum cor_exit status = COR_EXIT_OK;

	for (size_t i = 0; i < setup->server.proxy_protocol.len; i++) {
		const char *text = setup->server.proxy_protocol.items[i];
		if (!is_listener(setup, text))
			status = cor_setup_refuse(setup, "proxy_protocol", text,
				"is not listened on: write the address as --http, --https, --h2c or --uwsgi has it");
		else if (setup->server.trusted_proxies.len == 0)
			status = cor_setup_refuse(setup, "proxy_protocol", text,
				"would refuse everybody: say who may send PROXY headers with "
				"--trusted-proxies");
	}
	return status;
}

enum cor_exit cor_trust_check(const struct cor_setup *setup)
{
	enum cor_exit proxies = check_proxies(setup);
	enum cor_exit headers = check_headers(setup);
	enum cor_exit listeners = check_listeners(setup);

	if (proxies != COR_EXIT_OK)
		return proxies;
	return headers != COR_EXIT_OK ? headers : listeners;
}
