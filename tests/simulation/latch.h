/* SPDX-License-Identifier: MIT */
/**
 * A connection filter whose handshake is one byte from the client, and whose orderly end is a dot.
 * Between them, bytes pass unchanged.
 */
#ifndef TESTS_SIMULATION_LATCH_H
#define TESTS_SIMULATION_LATCH_H

#include "runtime/filter.h"

extern const struct cor_filter_source latches;

#endif
