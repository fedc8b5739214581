/* SPDX-License-Identifier: MIT */
#include "master/settings.h"

static const struct cor_field fields[] = {
	COR_FIELD(struct cor_master_settings, processes, .fallback = "0",
		.range = COR_BETWEEN(COR_PROCESSES_AUTO, 256),
		.doc = "Worker processes under a master, which replaces those that die and reloads on HUP; auto: one for each CPU; none: this process serves"),
	COR_FIELD(struct cor_master_settings, start_timeout_ms, .fallback = "60000",
		.range = COR_MIN(1),
		.doc = "How long a worker may take until it serves, its start hook included"),
};
COR_SCHEMA(cor_master_settings_schema, fields, .name = "processes");
