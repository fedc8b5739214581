/* SPDX-License-Identifier: MIT */
#include "master/settings.h"

static const struct cor_field fields[] = {
	COR_FIELD(struct cor_master_settings, processes, .fallback = "0",
		.range = COR_BETWEEN(COR_PROCESSES_AUTO, 256),
		.doc = "Worker processes under a master, which replaces those that die and reloads on HUP; auto: one for each CPU; none: this process serves"),
	COR_FIELD(struct cor_master_settings, start_timeout_ms, .fallback = "60000",
		.range = COR_MIN(1),
		.doc = "How long a worker may take until it serves, its start hook included"),
	COR_FIELD(struct cor_master_settings, worker_requests, .fallback = "0",
		.doc = "Replace a worker after so many answers, or up to a tenth fewer, by one that is ready before it goes; 0: never"),
	COR_FIELD(struct cor_master_settings, worker_age_s, .fallback = "0",
		.doc = "Replace a worker in the same way at this age, or up to a tenth earlier; 0: never"),
	COR_FIELD(struct cor_master_settings, worker_memory_bytes, .fallback = "0",
		.doc = "Replace a worker in the same way once it occupies so much memory after an answer, or up to a tenth less; 0: never"),
	COR_FIELD(struct cor_master_settings, harakiri_ms, .fallback = "0",
		.doc = "Report a request that holds its thread so long, which --request-timeout-ms cannot end, and replace its worker; 0: off"),
	COR_FIELD(struct cor_master_settings, user, .presence = COR_OPTIONAL, .min_length = 1,
		.doc = "Serve as this user, by name or number: the sockets are bound, and the log is opened, before; the master stays what it is"),
	COR_FIELD(struct cor_master_settings, group, .presence = COR_OPTIONAL, .min_length = 1,
		.doc = "And with this group, not the user's own"),
	COR_FIELD(struct cor_master_settings, pid_file, .presence = COR_OPTIONAL, .min_length = 1,
		.doc = "Keep the id of the master, or of the one process, in this file, locked while it lives"),
	COR_FIELD(struct cor_master_settings, sandbox, .fallback = "false",
		.doc = "Let processes that serve execute no program, trace no process and mount nothing"),
	COR_ARRAY(struct cor_master_settings, sandbox_paths, .fallback = "[]",
		.doc = "In the sandbox, files can only be read and written beneath these paths, besides what the system's libraries read"),
};
COR_SCHEMA(cor_master_settings_schema, fields, .name = "processes");
