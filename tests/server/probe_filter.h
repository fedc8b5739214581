/* SPDX-License-Identifier: MIT */
/** Connection filters that try what a connection makes of them: its bytes stay what they are. */
#ifndef CORACLE_TESTS_SERVER_PROBE_FILTER_H
#define CORACLE_TESTS_SERVER_PROBE_FILTER_H

#include "runtime/filter.h"

/**
 * The source of that name; NULL: there is none. "bytewise": one byte a receive, and few a send.
 * "crossed": every handshake, and every receive and send at random, first waits until the socket
 * can be written.
 */
const struct cor_filter_source *probe_filters(const char *name);

#endif
