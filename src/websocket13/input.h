/* SPDX-License-Identifier: MIT */
/** What comes from the client of a WebSocket. */
#ifndef CORACLE_WEBSOCKET13_INPUT_H
#define CORACLE_WEBSOCKET13_INPUT_H

#include "websocket13/conversation.h"

/**
 * Work off what has come, up to a message. Yields only if the client takes no answers. Returns 0 or
 * the failure.
 */
int cor_websocket_take_in(struct cor_websocket *ws) COR_CHECKED;

#endif
