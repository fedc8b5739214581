/* SPDX-License-Identifier: MIT */
/** Topics that a WebSocket follows. */
#ifndef CORACLE_WEBSOCKET13_FOLLOW_H
#define CORACLE_WEBSOCKET13_FOLLOW_H

#include "websocket13/conversation.h"

/** Send what has been published. Returns how many messages there were, or the failure. Yields. */
int cor_websocket_send_followed(struct cor_websocket *ws) COR_CHECKED;

/** Leave all topics. */
void cor_websocket_leave_topics(struct cor_websocket *ws);

#endif
