/* SPDX-License-Identifier: MIT */
/** The resolver of the process: what one thread has found, the others need not ask for. */
#ifndef CORACLE_RESOLVER_SHARED_H
#define CORACLE_RESOLVER_SHARED_H

#include "resolver/resolver.h"

/**
 * Take it, to be given back as often as it was taken: made for the first who does, gone with the
 * last. Returns 0 or -ENOMEM. Never yields; any thread.
 */
int cor_resolver_take(struct cor_resolver **ret) COR_CHECKED;
void cor_resolver_give(void);

#endif
