/* SPDX-License-Identifier: MIT */
/**
 * A connection that has switched to another protocol (RFC 9110 section 7.8): it carries raw bytes
 * both ways until its fiber ends, and then it ends. These are operations of an exchange: see
 * struct cor_exchange_ops.
 */
#ifndef CORACLE_HTTP1_SWITCHED_H
#define CORACLE_HTTP1_SWITCHED_H

#include "http1/exchange.h"

enum cor_switching cor_http1_asks_to_switch(const struct cor_exchange *x);
int cor_http1_switch_protocols(struct cor_exchange *x, struct cor_str protocol);
ssize_t cor_http1_receive(struct cor_exchange *x, void *buffer, size_t size);
int cor_http1_await(struct cor_exchange *x, int64_t deadline_ns);
void cor_http1_nudge(struct cor_exchange *x);

/** A drain has begun: its fiber learns it. */
void cor_http1_drain_switched(struct cor_http1_exchange *h);

#endif
