/* SPDX-License-Identifier: MIT */
/**
 * What can be set of a server: one struct, one table. Flags, environment, file and --help come from the table.
 */
#ifndef CORACLE_SERVER_SETTINGS_H
#define CORACLE_SERVER_SETTINGS_H

#include <stdint.h>

#include <coracle/schema.h>

struct cor_server_settings {
	cor_array(const char *) http; /* addresses to listen on */
	uint32_t threads;
	uint32_t backlog;
	uint32_t connections_max;
	uint32_t requests_per_connection;
	uint32_t connection_age_s;
	uint32_t header_timeout_ms;
	uint32_t body_timeout_ms;
	uint32_t write_timeout_ms;
	uint32_t idle_timeout_ms;
	uint32_t request_timeout_ms;
	uint32_t drain_timeout_ms;
	uint32_t request_line_bytes;
	uint32_t header_line_bytes;
	uint32_t header_block_bytes;
	uint32_t header_count;
	uint32_t body_limit_bytes;
	uint32_t request_memory_bytes;
};

COR_DECLARE_SCHEMA(cor_server_settings_schema, struct cor_server_settings);

#endif
