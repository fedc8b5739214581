/* SPDX-License-Identifier: MIT */
/** The mask that a client lays over what it sends (RFC 6455 section 5.3). */
#ifndef CORACLE_WEBSOCKET_MASK_H
#define CORACLE_WEBSOCKET_MASK_H

#include <stddef.h>

/**
 * Take it off, in place, or lay it over: the first byte is byte `at` of the frame's payload. Never
 * yields.
 */
void cor_websocket_mask(char *bytes, size_t len, const unsigned char mask[4], size_t at);

#endif
