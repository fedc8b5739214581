/* SPDX-License-Identifier: MIT */
/**
 * How a WebSocket ends: codes and the payload of a close frame (RFC 6455 sections 5.5.1 and 7.4).
 */
#ifndef CORACLE_WEBSOCKET_CLOSE_H
#define CORACLE_WEBSOCKET_CLOSE_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/str.h>

enum cor_close_code {
	COR_CLOSE_NORMAL = 1000,
	COR_CLOSE_GOING_AWAY = 1001,
	COR_CLOSE_PROTOCOL = 1002,
	COR_CLOSE_NO_CODE = 1005,  /* never sent: a close frame without a code came */
	COR_CLOSE_ABNORMAL = 1006, /* never sent: no close frame came */
	COR_CLOSE_INVALID = 1007,  /* data that is not what its type says */
	COR_CLOSE_POLICY = 1008,
	COR_CLOSE_TOO_BIG = 1009,
	COR_CLOSE_FAILURE = 1011,
	COR_CLOSE_AGAIN_LATER = 1013, /* of the registry at IANA */
};

#define COR_CLOSE_REASON_BYTES 123 /* what a control frame has room for, behind the code */

/** Why the other end is at fault: the code to close with, and a static text. */
struct cor_close_error {
	uint16_t code;
	const char *reason;
};

/** Whether a close frame may have it: those of the registry at IANA, and 3000 to 4999. */
bool cor_close_code_valid(uint16_t code);

/**
 * What the payload of a close frame says; empty: COR_CLOSE_NO_CODE. Returns false if it breaks a
 * rule, which *error names.
 */
bool cor_close_parse(struct cor_str payload, uint16_t *ret_code, struct cor_str *ret_reason,
	struct cor_close_error *error);

/**
 * Write the payload into `out`, where COR_CLOSE_REASON_BYTES + 2 fit; a reason that is too long is
 * cut between two characters. Returns its length.
 */
size_t cor_close_write(uint16_t code, struct cor_str reason, char *out);

#endif
