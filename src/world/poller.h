/* SPDX-License-Identifier: MIT */
/** Reports when a socket of a world becomes ready. */
#ifndef CORACLE_WORLD_POLLER_H
#define CORACLE_WORLD_POLLER_H

#include "world/parts.h"

/** To be called with a world's own poller. */
extern const struct cor_poller cor_world_poller;

#endif
