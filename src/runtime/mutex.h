/* SPDX-License-Identifier: MIT */
/** Private to the runtime: what a condition needs of a mutex beyond <coracle/sync.h>. */
#ifndef CORACLE_RUNTIME_MUTEX_H
#define CORACLE_RUNTIME_MUTEX_H

#include <coracle/sync.h>

/** Lock, however long that takes. Yields; deaf to scopes. */
void cor_mutex_lock_anyway(struct cor_mutex *mutex);

#endif
