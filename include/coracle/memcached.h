/* SPDX-License-Identifier: MIT */
/**
 * Caches in memcached: several servers, shared with programs in any language.
 *
 *     static const struct cor_cache prices = {
 *             .name = "prices", .store = &cor_memcached_store, .ttl_ms = 30000,
 *             .at = "10.0.0.1, 10.0.0.2:11211, [::1]:11212, /run/memcached.sock",
 *     };
 *
 * Each thread has one connection to each server, over which the requests of all its fibers go
 * together; each answer finds its own. A server that fails .fails times in a row is out: calls for
 * its keys return -COR_EUNTRIED at once, until one of them, after .dead_ms, finds it back. Its keys
 * do not move to other servers meanwhile, unless .moves says so.
 *
 * docs/caching.md, "memcached", says what other programs see of a value, and what holds for times.
 */
#ifndef CORACLE_MEMCACHED_H
#define CORACLE_MEMCACHED_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

struct cor_coding;
struct cor_tls; /* tls.h */

#define COR_MEMCACHED_CONNECT_MS     100
#define COR_MEMCACHED_TIMEOUT_MS     100
#define COR_MEMCACHED_FAILS          5
#define COR_MEMCACHED_DEAD_MS        1000
#define COR_MEMCACHED_DEAD_MS_MAX    60000 /* the longest pause */
#define COR_MEMCACHED_COMPRESS_BYTES 1024
#define COR_MEMCACHED_ITEM_BYTES     (1024 * 1024)
#define COR_MEMCACHED_WEIGHT_MAX     1000

/** On which server a key is. */
enum cor_placement {
	/** As pymemcache's HashClient: a server that is added takes its share, no more. */
	COR_PLACE_RENDEZVOUS = 0,
	/** As libmemcached with MEMCACHED_BEHAVIOR_KETAMA and MEMCACHED_HASH_MD5. */
	COR_PLACE_KETAMA,
	/** As libmemcached with MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED: see .weights. */
	COR_PLACE_KETAMA_WEIGHTED,
};

/**
 * TLS to the servers (memcached -Z). The program is linked with libcoracle-tls; see tls.h.
 *
 *     static const struct cor_memcached_tls tls = {
 *             .library = &cor_tls, .ca = "/etc/shop/memcached-ca.pem",
 *     };
 *
 * Files are PEM, and are read when the store is opened: those of a service at its start and its
 * reloads.
 */
struct cor_memcached_tls {
	/** &cor_tls. */
	const struct cor_tls *library;
	/** Who may sign the servers' certificates. NULL: whom the system trusts. */
	const char *ca;
	/**
	 * The name, or the address, that the certificates must be for. NULL: of each server as .at
	 * has it; behind a unix socket a name is needed.
	 */
	const char *name;
	/** What a server is shown that asks who comes, and its key. NULL: nothing. */
	const char *certificate;
	const char *key;
	/** Whoever answers is taken for the server: for tests. */
	bool trusts_all;
};

/** What else is to be said of the servers. Constant; zero is a good default for all of it. */
struct cor_memcached {
	enum cor_placement placement;
	/**
	 * With COR_PLACE_KETAMA_WEIGHTED: of each server in .at, 1 to COR_MEMCACHED_WEIGHT_MAX;
	 * 0 ends them. NULL: all have 1.
	 */
	const uint32_t *weights;
	/** For connecting, with TLS, and for asking who answers. 0: COR_MEMCACHED_CONNECT_MS. */
	uint32_t connect_ms;
	/** For a request. 0: COR_MEMCACHED_TIMEOUT_MS. */
	uint32_t timeout_ms;
	/** So many failures in a row, and the server is out. 0: COR_MEMCACHED_FAILS. */
	uint32_t fails;
	/** For so long; twice as long after each try in vain. 0: COR_MEMCACHED_DEAD_MS. */
	uint32_t dead_ms;
	/**
	 * Keys of a server that is out go to the others. When it is back it has what was put there
	 * before: values that others have replaced since. A start refuses it for sessions and for
	 * Idempotency-Keys.
	 */
	bool moves;
	/** &cor_zstd, say: for values of .compress_bytes and more. NULL: none is compressed. */
	const struct cor_coding *compress;
	/** 0: COR_MEMCACHED_COMPRESS_BYTES. */
	uint32_t compress_bytes;
	/**
	 * Values that are larger than an item of the server may be are cut into pieces. Without
	 * it they are -COR_ETOOLARGE.
	 */
	bool chunks;
	/** What the server was started with (-I). 0: COR_MEMCACHED_ITEM_BYTES. */
	uint32_t item_bytes;
	/**
	 * cor_store_put() and cor_store_put_many() with COR_PUT_ALWAYS return once the request is
	 * on its way: whether the value is kept is not known. Not together with .near_ttl_ms.
	 */
	bool noreply;
	/** For servers with an authfile (-Y): user and password, without blanks. NULL: none. */
	const char *user;
	const char *password;
	/** NULL: none. */
	const struct cor_memcached_tls *tls;
};

COR_END_DECLS
#endif
