/* SPDX-License-Identifier: MIT */
#include "memcached_store/unawaited.h"

/*
 * Without the meta protocol's quiet mode: of a request that is not answered nobody could tell
 * whether the next error is its own. Outside of a fiber what has come is taken in by the next call.
 */
int cor_memcached_put_unawaited(
	struct cor_memcached_turn *turn, const struct cor_memcached_request *request)
{
	struct cor_memcached_ask ask = { .request = *request };
	int rc = cor_memcached_link_queue(turn->link, &ask);

	if (rc < 0)
		return rc;
	cor_memcached_link_leave(turn->link, &ask);
	cor_memcached_link_flush(turn->link);
	return 0;
}
