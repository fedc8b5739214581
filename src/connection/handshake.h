/* SPDX-License-Identifier: MIT */
/**
 * The handshakes of connections behind a filter: they cost more than anything else that a stranger
 * can ask for, so their number and their time are limited.
 */
#ifndef CORACLE_CONNECTION_HANDSHAKE_H
#define CORACLE_CONNECTION_HANDSHAKE_H

#include <stdbool.h>

#include "connection/connection.h"
#include "connection/loop.h"
#include "runtime/address.h"

struct cor_listener;

/**
 * Whether one more may be in progress. Where there are too many the loop's oldest is cut for it,
 * once that has had a tenth of its time; else the new client is to be closed. Either is counted,
 * and logged now and then.
 */
bool cor_handshake_may_begin(struct cor_loop *loop);

/** Attach a filter of the listener: a handshake has begun. Returns 0 or what its source says. */
int cor_handshake_begin(
	struct cor_connection *connection, const struct cor_listener *listener) COR_CHECKED;

/** The connection goes, or its handshake is over: others may begin. */
void cor_handshake_end(struct cor_connection *connection);

/** Its time is up: count it, and tell of it. */
void cor_handshake_is_late(struct cor_connection *connection);

/** It has failed: count it, tell of it, and let the connection end. */
void cor_handshake_has_failed(struct cor_connection *connection, int rc);

#endif
