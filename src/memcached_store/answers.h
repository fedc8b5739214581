/* SPDX-License-Identifier: MIT */
/** Whose answer it is: what has come of a link's queue. Nothing here yields. */
#ifndef CORACLE_MEMCACHED_STORE_ANSWERS_H
#define CORACLE_MEMCACHED_STORE_ANSWERS_H

#include <coracle/api.h>

#include "memcached_store/link.h"

#define COR_MEMCACHED_IN_BYTES (16 * 1024)

/**
 * Give what link->in holds to those who have asked, and keep the rest there. Returns 0, or -EPROTO:
 * it is no answer, or not that of the one who has asked first.
 */
int cor_memcached_take_answers(struct cor_memcached_link *link) COR_CHECKED;

/** It is over with that code: whoever waits is woken. */
void cor_memcached_answer(struct cor_memcached_ask *ask, int rc);

#endif
