/* SPDX-License-Identifier: MIT */
/**
 * What becomes of a connection whose time is up: by its phase, and by what its socket says first.
 */
#ifndef CORACLE_CONNECTION_DEADLINES_H
#define CORACLE_CONNECTION_DEADLINES_H

#include "runtime/timer.h"

/** The timer of a connection fires. The connection may be gone when it returns. */
void cor_connection_timed_out(struct cor_timer *timer);

#endif
