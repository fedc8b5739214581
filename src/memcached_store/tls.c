/* SPDX-License-Identifier: MIT */
#include "memcached_store/tls.h"

#include <errno.h>

const char *cor_memcached_tls_peer(
	const struct cor_memcached_tls *tls, const struct cor_memcached_server *server)
{
	return tls->name ? tls->name : server->port != 0 ? server->host : NULL;
}

static const char *nameless(struct cor_arena *arena, const struct cor_memcached_tls *tls,
	const struct cor_memcached_servers *servers)
{
	for (size_t i = 0; !tls->trusts_all && i < servers->len; i++)
		if (!cor_memcached_tls_peer(tls, &servers->list[i]))
			return cor_arena_printf(arena,
				"has .tls for the unix socket \"%s\": say which .name its "
				"certificate has",
				servers->list[i].host);
	return NULL;
}

const char *cor_memcached_tls_fault(struct cor_arena *arena, const struct cor_memcached_tls *tls,
	const struct cor_memcached_servers *servers)
{
	if (!tls)
		return NULL;
	if (!tls->library)
		return "has .tls without a .library: say &cor_tls of <coracle/tls.h>";
	if (tls->library->interface != COR_TLS_INTERFACE)
		return "has a .tls of another version of the library: build both anew";
	if (!tls->certificate != !tls->key)
		return "has .tls with a .certificate or a .key: both are needed";
	if (tls->name && !tls->name[0])
		return "has .tls with an empty .name: say which one the certificates have, or "
		       "leave it out";
	if (tls->trusts_all && (tls->ca || tls->name))
		return "has .tls that .trusts_all, and a .ca or .name that nobody would look at";
	return nameless(arena, tls, servers);
}

int cor_memcached_tls_open(const struct cor_memcached_tls *tls, struct cor_filter_source **ret,
	struct cor_start_failure *ret_failure)
{
	const struct cor_tls_pair pair = {
		.certificate.path = tls->certificate,
		.key.path = tls->key,
	};
	const struct cor_tls_client_options options = {
		.ca.path = tls->ca,
		.pair = tls->certificate ? &pair : NULL,
		.trusts_all = tls->trusts_all,
	};

	return tls->library->open_client(&options, ret, ret_failure);
}
