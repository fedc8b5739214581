/* SPDX-License-Identifier: MIT */
/** What a call leaves when it fails: a kind, and a sentence for the log. */
#ifndef CORACLE_OUTBOUND_FAULT_H
#define CORACLE_OUTBOUND_FAULT_H

#include "client/carrier.h"
#include "http/error.h"

/** Record it, cut to its size; returns `code`. */
int cor_outbound_fail(struct cor_wire *wire, enum cor_failure kind, int code, const char *format,
	...) COR_PRINTF(4, 5) COR_CHECKED;

/** The connection has ended, with 0 or a negative errno, `when`: "before it answered". */
int cor_outbound_fail_lost(struct cor_wire *wire, ssize_t end, const char *when) COR_CHECKED;

/** What came breaks HTTP, or a limit. */
int cor_outbound_fail_protocol(
	struct cor_wire *wire, const struct cor_http_error *error) COR_CHECKED;

#endif
