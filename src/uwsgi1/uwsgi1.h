/* SPDX-License-Identifier: MIT */
/**
 * The uwsgi protocol as a protocol of connections: one packet, its body and its answer, and the
 * connection ends. What a packet says becomes a head of HTTP/1.0 (uwsgi/packet.h), and HTTP/1 does
 * the rest, with the same deadlines, limits and figures.
 */
#ifndef CORACLE_UWSGI1_UWSGI1_H
#define CORACLE_UWSGI1_UWSGI1_H

#include "base/buffer.h"
#include "http1/http1.h"

/** What a loop has of it. */
struct cor_uwsgi1 {
	struct cor_http1 http1; /* first: connections see a protocol */
	struct cor_buffer head; /* of the packet that was read last */
};

/**
 * Make it ready for the loop of `http1`, which is ready, and whose twin it becomes: they share
 * settings, handler and figures.
 */
void cor_uwsgi1_init(struct cor_uwsgi1 *uwsgi1, struct cor_http1 *http1);

void cor_uwsgi1_finish(struct cor_uwsgi1 *uwsgi1);

#endif
