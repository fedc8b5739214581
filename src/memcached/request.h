/* SPDX-License-Identifier: MIT */
/**
 * Requests as they are sent: of the meta protocol, or of the text protocol for servers that do not
 * know it (before 1.6.10).
 *
 * Each of the meta protocol carries a number ("O17"), which its answer must repeat, and a get asks
 * for the key, too.
 */
#ifndef CORACLE_MEMCACHED_REQUEST_H
#define CORACLE_MEMCACHED_REQUEST_H

#include <stdint.h>

#include <coracle/store.h>

#include "base/buffer.h"
#include "memcached/key.h"

enum cor_memcached_dialect {
	COR_MEMCACHED_META = 0,
	COR_MEMCACHED_TEXT,
};

enum cor_memcached_kind {
	COR_MEMCACHED_GET = 0,
	COR_MEMCACHED_PUT,
	COR_MEMCACHED_DELETE,
	COR_MEMCACHED_TOUCH, /* of meta: asks for the flags, too */
	COR_MEMCACHED_ADD,   /* the number must be there */
	COR_MEMCACHED_FLUSH,
	COR_MEMCACHED_HELLO, /* asks whether it knows meta: "mn" */
	COR_MEMCACHED_LOGIN,
	COR_MEMCACHED_VERSION,
	COR_MEMCACHED_STATS,
};

struct cor_memcached_request {
	enum cor_memcached_kind kind;
	struct cor_memcached_key key;
	/* of PUT; the value is head and body; of LOGIN "user password" */
	struct cor_str head, body;
	enum cor_put how;
	uint64_t version; /* with COR_PUT_UNCHANGED */
	uint32_t flags;
	int64_t exptime; /* of PUT and TOUCH: cor_memcached_exptime() */
	int64_t by;      /* of ADD */
};

/** Append it; errors are the buffer's. */
void cor_memcached_write(struct cor_buffer *out, enum cor_memcached_dialect dialect,
	const struct cor_memcached_request *request, uint32_t opaque);

enum cor_memcached_rounding {
	COR_MEMCACHED_ROUND_UP, /* whoever reads it knows its end better */
	COR_MEMCACHED_ROUND_DOWN,
};

/**
 * A time to live as memcached takes it: 0 for ever, seconds up to 30 days, and above that seconds
 * since 1970. Rounded to seconds, 1 at least.
 */
int64_t cor_memcached_exptime(
	int64_t ttl_ms, enum cor_memcached_rounding rounding, int64_t realtime_ns);

#endif
