/* SPDX-License-Identifier: MIT */
/** The answer to a call, off its connection (RFC 9112 sections 4 to 8). */
#ifndef CORACLE_OUTBOUND_RECEIVE_H
#define CORACLE_OUTBOUND_RECEIVE_H

#include <coracle/api.h>

#include "outbound/wire.h"

/* As struct cor_carrier has them. */
int cor_outbound_receive_head(struct cor_wire *base, struct cor_carrier_answer *ret) COR_CHECKED;
ssize_t cor_outbound_receive_body(struct cor_wire *base, void *buffer, size_t size) COR_CHECKED;

/**
 * Take in what has come of the head, without waiting. Returns 1 (the final one is whole), 0 (not
 * yet) or a negative code, which receive_head() will return, too.
 */
int cor_outbound_look_for_head(struct cor_outbound_wire *wire) COR_CHECKED;

#endif
