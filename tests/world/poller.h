/* SPDX-License-Identifier: MIT */
/** Who is told that a socket of a world became ready. */
#ifndef TESTS_WORLD_POLLER_H
#define TESTS_WORLD_POLLER_H

#include "inside.h"

/** For a world's own poller, which it is called with. */
extern const struct cor_poller world_poller;

#endif
