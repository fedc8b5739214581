/* SPDX-License-Identifier: MIT */
/** TLS to the servers, as the declaration says. Nothing here yields. */
#ifndef CORACLE_MEMCACHED_STORE_TLS_H
#define CORACLE_MEMCACHED_STORE_TLS_H

#include <coracle/memcached.h>

#include "memcached/servers.h"
#include "tls/tls.h"

/** What is wrong with the declaration, as the end of a message; NULL: nothing. */
const char *cor_memcached_tls_fault(struct cor_arena *arena, const struct cor_memcached_tls *tls,
	const struct cor_memcached_servers *servers);

/** Read its files. Returns 0, -ENOMEM, or -EINVAL: *ret_failure says what is wrong with which. */
int cor_memcached_tls_open(const struct cor_memcached_tls *tls, struct cor_filter_source **ret,
	struct cor_start_failure *ret_failure) COR_CHECKED;

/** Whom a server has to prove to be. */
const char *cor_memcached_tls_peer(
	const struct cor_memcached_tls *tls, const struct cor_memcached_server *server);

#endif
