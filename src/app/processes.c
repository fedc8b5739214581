/* SPDX-License-Identifier: MIT */
#include "app/processes.h"

#include <inttypes.h>
#include <stdio.h>

#include "runtime/cpus.h"

/* Threads of a worker share the CPUs with the other workers'. */
static void count_threads(struct cor_setup *setup)
{
	if (setup->server.threads != 0)
		return;
	setup->server.threads = cor_cpus_usable() / (setup->processes ? setup->processes : 1);
	if (setup->server.threads == 0)
		setup->server.threads = 1;
}

static enum cor_exit refuse(
	const struct cor_setup *setup, const char *key, uint64_t value, const char *why)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, value);
	return cor_setup_refuse(setup, key, text, why);
}

/* What is asked of a master. */
static enum cor_exit check_limits(const struct cor_setup *setup)
{
	const struct cor_master_settings *master = &setup->master;
	const struct {
		const char *key;
		uint64_t value;
	} limits[] = {
		{ "worker_requests", master->worker_requests },
		{ "worker_age_s", master->worker_age_s },
		{ "worker_memory_bytes", master->worker_memory_bytes },
		{ "harakiri_ms", master->harakiri_ms },
	};
	enum cor_exit status = COR_EXIT_OK;

	for (size_t i = 0; i < sizeof limits / sizeof limits[0] && setup->processes == 0; i++)
		if (limits[i].value != 0)
			status = refuse(setup, limits[i].key, limits[i].value,
				"only a master can replace a worker: add --processes");
	return status;
}

enum cor_exit cor_processes_count(struct cor_setup *setup)
{
	int32_t processes = setup->master.processes;

	setup->processes = (uint32_t)processes;
	if (processes == COR_PROCESSES_AUTO)
		setup->processes = cor_cpus_usable();
	count_threads(setup);
	return check_limits(setup);
}
