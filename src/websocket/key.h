/* SPDX-License-Identifier: MIT */
/** The proof that a server has understood a handshake: RFC 6455 sections 4.1 and 4.2.2. */
#ifndef CORACLE_WEBSOCKET_KEY_H
#define CORACLE_WEBSOCKET_KEY_H

#include <stdbool.h>

#include <coracle/str.h>

#define COR_ACCEPT_KEY_BYTES 29 /* with its NUL */

/** Whether it is the Base64 of 16 bytes. */
bool cor_websocket_key_valid(struct cor_str key);

/** The value of Sec-WebSocket-Accept for a valid key. */
void cor_websocket_accept_key(struct cor_str key, char ret[COR_ACCEPT_KEY_BYTES]);

#endif
