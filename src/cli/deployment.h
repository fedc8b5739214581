/* SPDX-License-Identifier: MIT */
/**
 * What a service needs where it runs, as its own program says: of --print-config and
 * --print-routes.
 */
#ifndef CORACLE_CLI_DEPLOYMENT_H
#define CORACLE_CLI_DEPLOYMENT_H

#include <stdint.h>

#include "cli/cli.h"

#define COR_PEERS_MAX 64

/** Another server that it calls. */
struct cor_peer {
	const char *name; /* of the upstream, or of the cache */
	const char *host; /* NULL: a unix socket */
	uint16_t port;
	bool is_tls;
	bool is_memcached;
};

/** A setting that whoever runs it has to give, or a secret: no file has its value. */
struct cor_wanted {
	const char *variable; /* "BOOK_SHOP_TOKEN" */
	bool is_required;
	bool is_secret;
};

struct cor_deployment {
	const char *name;    /* of the program: "shop" */
	const char *dashed;  /* as hosts are named: "book-shop" */
	const char *prefix;  /* of its variables: "BOOK_SHOP" */
	const char *version; /* as a tag of images: "0.1.0" */
	struct cor_peer peers[COR_PEERS_MAX];
	size_t peers_len;
	struct cor_wanted *wanted;
	size_t wanted_len;
	bool is_single;        /* its state is in one process: there may be no second */
	bool has_one_replica;  /* sessions, say, are where another machine has them not */
	bool has_tls;          /* of itself: --https */
	bool keeps_files;      /* a cache in files, or a folder of uploads */
	bool has_memcached;    /* a cache in memcached, or one that can be */
	uint64_t cache_bytes;  /* of its caches in memory, together */
	uint64_t memory_bytes; /* what the container asks for */
	uint32_t drain_s, start_s;
};

/** Build the service and ask it. Returns COR_CLI_OK, or what failed, told. */
int cor_deployment_ask(const struct cor_cli *cli, struct cor_deployment *ret);

/** That of a project as `coracle new` makes it, which says what this does once it is built. */
void cor_deployment_new(const struct cor_cli *cli, const char *name, struct cor_deployment *ret);

#endif
