/* SPDX-License-Identifier: MIT */
/** The servers of a cache, as its .at names them: "10.0.0.1:11211, [::1], /run/memcached.sock". */
#ifndef CORACLE_MEMCACHED_SERVERS_H
#define CORACLE_MEMCACHED_SERVERS_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/arena.h>

#define COR_MEMCACHED_SERVERS_MAX 64
#define COR_MEMCACHED_PORT        11211

struct cor_memcached_server {
	const char *name; /* "10.0.0.1:11211", "::1:11211", or the path: what keys are placed by */
	const char *host; /* without brackets; of a unix socket its path */
	uint16_t port;    /* 0: of a unix socket */
	uint32_t weight;
};

struct cor_memcached_servers {
	size_t len;
	struct cor_memcached_server *list;
};

/**
 * Read them, in the arena; weights are 1. Returns 0, -ENOMEM, or -EINVAL: *ret_fault is the end of
 * a message, "names the server \"x:0\" in .at: its port is 1 to 65535".
 */
int cor_memcached_servers_parse(struct cor_arena *arena, const char *at,
	struct cor_memcached_servers *ret, const char **ret_fault) COR_CHECKED;

#endif
