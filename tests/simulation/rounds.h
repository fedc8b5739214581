/* SPDX-License-Identifier: MIT */
/**
 * A connection filter whose handshake takes two rounds, as that of TLS does: the client says "1",
 * hears "2", says "3". Behind it, each receive that brings something comes after two that ask for
 * room to send.
 */
#ifndef TESTS_SIMULATION_ROUNDS_H
#define TESTS_SIMULATION_ROUNDS_H

#include "runtime/filter.h"

extern const struct cor_filter_source rounds;

#endif
