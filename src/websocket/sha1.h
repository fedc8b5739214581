/* SPDX-License-Identifier: MIT */
/**
 * SHA-1 (RFC 3174), which the handshake of RFC 6455 asks for, and nothing else may: it protects
 * nothing there, it only shows that a server has read the key.
 */
#ifndef CORACLE_WEBSOCKET_SHA1_H
#define CORACLE_WEBSOCKET_SHA1_H

#include <stddef.h>

#define COR_SHA1_BYTES      20
#define COR_SHA1_TEXT_BYTES 119 /* two blocks with their end */

/** The digest of a short text: of COR_SHA1_TEXT_BYTES at most. */
void cor_sha1(const char *text, size_t len, unsigned char ret[COR_SHA1_BYTES]);

#endif
