/* SPDX-License-Identifier: MIT */
/** Long waits of a WebSocket. */
#ifndef CORACLE_WEBSOCKET13_REST_H
#define CORACLE_WEBSOCKET13_REST_H

#include "websocket13/conversation.h"

/** When cor_websocket_time_is_up() is to be called, if nothing comes before that. */
int64_t cor_websocket_due_ns(const struct cor_websocket *ws);

/** Ping, give up, or hold less, as it is time for. Returns 0 or the failure. Yields. */
int cor_websocket_time_is_up(struct cor_websocket *ws) COR_CHECKED;

#endif
