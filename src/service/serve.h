/* SPDX-License-Identifier: MIT */
/** One request through its middleware and its operation, to exactly one reply. */
#ifndef CORACLE_SERVICE_SERVE_H
#define CORACLE_SERVICE_SERVE_H

#include "base/buffer.h"
#include "exchange/exchange.h"

/**
 * Serve x, whose route's target is a struct cor_action. On the fiber; yields as middleware and
 * operation do. `scratch` is the thread's: it is used between two yields only.
 */
void cor_serve(struct cor_exchange *x, struct cor_buffer *scratch);

#endif
