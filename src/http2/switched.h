/* SPDX-License-Identifier: MIT */
/**
 * A stream that has switched to another protocol (RFC 8441): it carries raw bytes both ways until
 * its fiber ends. These are operations of an exchange: see struct cor_exchange_ops.
 */
#ifndef CORACLE_HTTP2_SWITCHED_H
#define CORACLE_HTTP2_SWITCHED_H

#include "http2/stream.h"

enum cor_switching cor_http2_asks_to_switch(const struct cor_exchange *x);
int cor_http2_switch_protocols(struct cor_exchange *x, struct cor_str protocol);
ssize_t cor_http2_receive(struct cor_exchange *x, void *buffer, size_t size);
int cor_http2_await(struct cor_exchange *x, int64_t deadline_ns);
void cor_http2_nudge(struct cor_exchange *x);

/** A drain has begun: the fibers of all such streams learn it, and those of streams that stay. */
void cor_http2_drain_streams(struct cor_http2_session *session);

#endif
