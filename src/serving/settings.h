/* SPDX-License-Identifier: MIT */
/**
 * What can be set of requests, whatever brings them. The rows, with defaults and ranges, are
 * server/settings.c's.
 */
#ifndef CORACLE_SERVING_SETTINGS_H
#define CORACLE_SERVING_SETTINGS_H

#include <stdint.h>

struct cor_http_settings {
	uint32_t header_timeout_ms;
	uint32_t body_timeout_ms;
	uint32_t request_timeout_ms;
	uint32_t request_line_bytes;
	uint32_t header_line_bytes;
	uint32_t header_block_bytes;
	uint32_t header_count;
	uint32_t body_limit_bytes;
	uint32_t request_memory_bytes;
	uint32_t http2_streams; /* at once on a connection; 0: HTTP/2 is not spoken */
};

#endif
