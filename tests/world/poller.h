/* SPDX-License-Identifier: MIT */
/** Reports when a socket of a world becomes ready. */
#ifndef TESTS_WORLD_POLLER_H
#define TESTS_WORLD_POLLER_H

#include "inside.h"

/** To be called with a world's own poller. */
extern const struct cor_poller world_poller;

#endif
