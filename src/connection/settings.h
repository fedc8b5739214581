/* SPDX-License-Identifier: MIT */
/**
 * What can be set of connections, whatever protocol they speak. The rows, with defaults and ranges,
 * are server/settings.c's.
 */
#ifndef CORACLE_CONNECTION_SETTINGS_H
#define CORACLE_CONNECTION_SETTINGS_H

#include <stdint.h>

struct cor_connection_settings {
	uint32_t requests_per_connection;
	uint32_t connection_age_s;
	uint32_t idle_timeout_ms;
	uint32_t handshake_timeout_ms;
	uint32_t handshakes_max; /* in progress; 0: no limit */
	uint32_t write_timeout_ms;
	uint32_t drain_timeout_ms;
};

#endif
