/* SPDX-License-Identifier: MIT */
/** The request of a call, onto its connection. */
#ifndef CORACLE_OUTBOUND_SEND_H
#define CORACLE_OUTBOUND_SEND_H

#include <coracle/api.h>

#include "outbound/wire.h"

/* As struct cor_carrier has them. */
int cor_outbound_send(struct cor_wire *base, const void *data, size_t len) COR_CHECKED;
int cor_outbound_finish(struct cor_wire *base) COR_CHECKED;

#endif
