/* SPDX-License-Identifier: MIT */
#include "server/settings.h"

#define SETTING(member, default_, ...)                                                             \
	COR_FIELD(struct cor_server_settings, member, .fallback = default_, __VA_ARGS__)

static const struct cor_field fields[] = {
	COR_ARRAY(struct cor_server_settings, http, .fallback = "[\"127.0.0.1:8080\"]",
		.min_items = 1, .doc = "Listen here: ADDRESS:PORT, [IPV6]:PORT or unix:PATH"),
	SETTING(threads, "1", .range = COR_BETWEEN(1, 256),
		.doc = "Threads that serve, each with its own scheduler"),
	SETTING(backlog, "1024", .range = COR_BETWEEN(1, 65535),
		.doc = "Connections the kernel may queue before they are accepted"),
	SETTING(connections_max, "0",
		.doc = "Open connections at once, over all threads; 0: 90% of the limit on open files"),
	SETTING(requests_per_connection, "10000", .range = COR_MIN(1),
		.doc = "After so many requests a connection is closed"),
	SETTING(connection_age_s, "3600", .range = COR_MIN(1),
		.doc = "After so many seconds a connection is closed with its next answer"),
	SETTING(header_timeout_ms, "10000", .range = COR_MIN(1),
		.doc = "From the first to the last byte of a request's head, else 408"),
	SETTING(body_timeout_ms, "30000", .range = COR_MIN(1),
		.doc = "Between two pieces of a request's body, else 408"),
	SETTING(write_timeout_ms, "30000", .range = COR_MIN(1),
		.doc = "For a client to take the next piece of an answer, else the connection is cut"),
	SETTING(idle_timeout_ms, "30000", .range = COR_MIN(1),
		.doc = "Between two requests on a connection"),
	SETTING(request_timeout_ms, "30000", .range = COR_MIN(1),
		.doc = "The deadline of a request, from the end of its head; every wait inherits it, else 504"),
	SETTING(drain_timeout_ms, "30000", .range = COR_MIN(0),
		.doc = "For requests in progress to end after TERM or INT"),
	SETTING(request_line_bytes, "8192", .range = COR_BETWEEN(64, 16384),
		.doc = "Length of the request line, else 414"),
	SETTING(header_line_bytes, "8192", .range = COR_BETWEEN(64, 16384),
		.doc = "Length of a header line, else 431"),
	SETTING(header_block_bytes, "32768", .range = COR_BETWEEN(128, 32768),
		.doc = "Length of all header lines together, else 431"),
	SETTING(header_count, "100", .range = COR_BETWEEN(1, 100),
		.doc = "Number of header lines, else 431"),
	SETTING(body_limit_bytes, "1048576", .range = COR_MIN(0),
		.doc = "Length of a request's body where the operation does not say, else 413"),
	SETTING(request_memory_bytes, "67108864", .range = COR_MIN(65536),
		.doc = "Memory that one request may take, else 500 (503 if its body does not fit)"),
};
COR_SCHEMA(cor_server_settings_schema, fields, .name = "server");
