/* SPDX-License-Identifier: MIT */
/** What can be set of the processes of a service. */
#ifndef CORACLE_MASTER_SETTINGS_H
#define CORACLE_MASTER_SETTINGS_H

#include <stdint.h>

#include <coracle/schema.h>

#define COR_PROCESSES_NONE 0  /* no master: the one process serves */
#define COR_PROCESSES_AUTO -1 /* as many as there are CPUs */

struct cor_master_settings {
	int32_t processes;
	uint32_t start_timeout_ms;
	uint32_t worker_requests;     /* 0: no limit */
	uint32_t worker_age_s;        /* 0: no limit */
	uint64_t worker_memory_bytes; /* 0: no limit */
	uint32_t harakiri_ms;         /* 0: off */
	uint32_t worker_min;          /* 0: 1 */
	int32_t worker_max;           /* 0: there is no range; COR_PROCESSES_AUTO */
	uint32_t worker_surplus_s;
	const char *user; /* name or number; NULL: as it was started */
	const char *group;
	const char *pid_file; /* NULL: none */
	bool sandbox;
	cor_array(const char *) sandbox_paths;
	const char *control; /* address of the control process; NULL: there is none */
};

COR_DECLARE_SCHEMA(cor_master_settings_schema, struct cor_master_settings);

#endif
