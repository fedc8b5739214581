/* SPDX-License-Identifier: MIT */
/** What a WebSocket sends, and how it ends. Each returns 0 or the failure, unless it says more. */
#ifndef CORACLE_WEBSOCKET13_OUTPUT_H
#define CORACLE_WEBSOCKET13_OUTPUT_H

#include "websocket13/conversation.h"

/** A frame as it is, left in the exchange's buffer; its failure ends the conversation. */
int cor_websocket_put(
	struct cor_websocket *ws, enum cor_opcode opcode, struct cor_str payload) COR_CHECKED;

/** A message, compressed where that was agreed on; the same. */
int cor_websocket_put_message(
	struct cor_websocket *ws, enum cor_websocket_kind kind, struct cor_str data) COR_CHECKED;

/** What was put goes out. Yields. */
int cor_websocket_flush(struct cor_websocket *ws) COR_CHECKED;

/** A message; then what the client has said meanwhile is worked off. Yields. */
int cor_websocket_send(
	struct cor_websocket *ws, enum cor_websocket_kind kind, struct cor_str data) COR_CHECKED;

/** Nothing more can be said. Returns the failure. */
int cor_websocket_lose(struct cor_websocket *ws, int failure);

/** Say why, and end it. Yields. Returns the failure, -COR_ECLOSED. */
int cor_websocket_end(struct cor_websocket *ws, uint16_t code, struct cor_str reason);

/** The same of a client's fault, which has a line in the log. */
int cor_websocket_blame(struct cor_websocket *ws, uint16_t code, const char *reason);

/** The same where the client hears it in its language. */
int cor_websocket_blame_as(
	struct cor_websocket *ws, uint16_t code, const char *reason, const char *said);

#endif
