/* SPDX-License-Identifier: MIT */
/** Agreeing on permessage-deflate: RFC 6455 section 9.1, RFC 7692 section 7.1. */
#ifndef CORACLE_WEBSOCKET_EXTENSION_H
#define CORACLE_WEBSOCKET_EXTENSION_H

#include <stdbool.h>

#include <coracle/str.h>

#include "websocket/deflate.h"

#define COR_EXTENSION_BYTES 160

/**
 * The terms of the first offer in a Sec-WebSocket-Extensions value that can be met, and the value
 * to answer with. `takes_over`: contexts may be kept from message to message. Returns false if
 * there is none, or the value is malformed: the answer has no such field then.
 */
bool cor_deflate_agree(struct cor_str offers, bool takes_over, struct cor_deflate_terms *ret,
	char ret_answer[COR_EXTENSION_BYTES]);

#endif
