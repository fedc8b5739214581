/* SPDX-License-Identifier: MIT */
/**
 * Memory for nghttp2: a request costs it five small blocks, which the next one of the loop has
 * again. Belongs to the thread of the loop.
 */
#ifndef CORACLE_HTTP2_MEMORY_H
#define CORACLE_HTTP2_MEMORY_H

#include <nghttp2/nghttp2.h>
#include <stddef.h>
#include <stdint.h>

#define COR_HTTP2_MEMORY_CLASSES 8

struct cor_http2_block;

struct cor_http2_memory {
	nghttp2_mem functions; /* for nghttp2_session_server_new3() */
	/* Blocks to be used again, by size. */
	struct cor_http2_block *idle[COR_HTTP2_MEMORY_CLASSES];
	size_t idle_bytes;
};

void cor_http2_memory_init(struct cor_http2_memory *memory);

/** Give it all back. Nobody has a block of it any more. */
void cor_http2_memory_finish(struct cor_http2_memory *memory);

#endif
