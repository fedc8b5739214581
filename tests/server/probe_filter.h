/* SPDX-License-Identifier: MIT */
/** Connection filters that put a connection to the test: its bytes stay the same. */
#ifndef CORACLE_TESTS_SERVER_PROBE_FILTER_H
#define CORACLE_TESTS_SERVER_PROBE_FILTER_H

#include "runtime/filter.h"

/**
 * The source of that name, or NULL. "bytewise": one byte per receive, and a few per send.
 * "crossed": every handshake, and some receives and sends at random, first wait until the socket is
 * writable. "farewell": there is no room at first for what it says at its end: "bye".
 */
const struct cor_filter_source *probe_filters(const char *name);

#endif
