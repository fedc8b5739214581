/* SPDX-License-Identifier: MIT */
/** Puts whose answer nobody waits for. It comes all the same, and is counted when it fails. */
#ifndef CORACLE_MEMCACHED_STORE_UNAWAITED_H
#define CORACLE_MEMCACHED_STORE_UNAWAITED_H

#include <coracle/api.h>

#include "memcached_store/turn.h"

/** Queue it, and send it with what else is queued. Yields shortly. Returns 0, or a code. */
int cor_memcached_put_unawaited(
	struct cor_memcached_turn *turn, const struct cor_memcached_request *request) COR_CHECKED;

#endif
