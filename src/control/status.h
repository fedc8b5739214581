/* SPDX-License-Identifier: MIT */
/** What /status answers. */
#ifndef CORACLE_CONTROL_STATUS_H
#define CORACLE_CONTROL_STATUS_H

#include <coracle/schema.h>

#include "control/requests.h"
#include "master/crew.h"

struct cor_control_worker {
	int32_t pid;
	uint32_t slot;
	enum cor_worker_state state;
	double age_s;
	uint32_t generation;
	uint64_t requests;
	int64_t waiting;
	uint32_t connections;
	uint64_t memory_bytes;
};

struct cor_control_restarts {
	uint64_t signal, exit, timeout;
};

struct cor_control_status {
	const char *service;
	const char *version;
	struct timespec started;
	int32_t master;
	uint32_t wanted;
	uint32_t ready;
	uint32_t generation;
	uint64_t reloads;
	const char *refusal;
	uint64_t upgrades;
	struct cor_control_restarts restarts;
	bool ending;
	cor_array(struct cor_control_worker) workers;
	struct cor_control_requests requests;
};

COR_DECLARE_SCHEMA(cor_control_status_schema, struct cor_control_status);

#endif
