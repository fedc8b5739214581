/* SPDX-License-Identifier: MIT */
/** The handshake of a WebSocket, seen by a server: RFC 6455 section 4.2, RFC 8441 section 5. */
#ifndef CORACLE_WEBSOCKET13_HANDSHAKE_H
#define CORACLE_WEBSOCKET13_HANDSHAKE_H

#include "websocket13/conversation.h"

/**
 * Whether the request asks for a conversation that may be; chooses its sub-protocol and the terms
 * of its compression. Never yields. Returns 0, or a negative code with the problem recorded: 400,
 * 403 or 426.
 */
int cor_websocket_check(struct cor_websocket *ws, struct cor_deflate_terms *ret) COR_CHECKED;

#endif
