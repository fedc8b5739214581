/* SPDX-License-Identifier: MIT */
/**
 * Inside a WebSocket: what its handler has in hand.
 *
 * States: asked for (the handler may refuse) -> open -> over, for a `failure` that every further
 * call returns. A failure that was told to the client has a close code.
 */
#ifndef CORACLE_WEBSOCKET13_CONVERSATION_H
#define CORACLE_WEBSOCKET13_CONVERSATION_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/websocket.h>

#include "exchange/exchange.h"
#include "websocket/reader.h"

struct cor_websocket_follower;

struct cor_websocket {
	struct cor_exchange *x;
	const struct cor_operation *operation;
	struct cor_websocket_reader reader;
	struct cor_deflater *deflater; /* what the next message refers to; NULL: nothing */
	struct cor_websocket_follower *followers; /* of topics */
	const char *protocol;

	struct cor_buffer lent; /* the message that the handler looks at */
	struct cor_arena memory;
	struct cor_violations violations;

	char *input; /* bytes that are not worked off; NULL: there are none */
	size_t input_at;
	size_t input_len;

	int64_t heard_ns;    /* when something has come last */
	int64_t messaged_ns; /* when a message has */
	int64_t pinged_ns;   /* when a ping was sent that nothing has answered; 0: none was */
	int failure;
	uint16_t close_code;
	bool is_open;
	bool has_message; /* one is whole, in the reader, which goes no further */
	bool is_overdue;  /* its client has had its time: one last look */
	bool rests;       /* it holds nothing that a long wait does not need */
};

#endif
