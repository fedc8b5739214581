/* SPDX-License-Identifier: MIT */
#include "app/processes.h"

#include <inttypes.h>
#include <stdio.h>

#include "app/shared.h"
#include "master/crew.h"
#include "runtime/cpus.h"

static uint32_t at_most(uint32_t number, uint32_t most)
{
	return number < most ? number : most;
}

/* A machine may have more CPUs than there may be workers. */
static uint32_t resolve(int32_t processes)
{
	return processes == COR_PROCESSES_AUTO ? at_most(cor_cpus_usable(), COR_POSTS_MAX)
					       : (uint32_t)processes;
}

/* Threads of a worker share the CPUs with the other workers'. */
static void count_threads(struct cor_setup *setup)
{
	uint32_t most = setup->processes_max ? setup->processes_max : setup->processes;

	if (setup->server.threads != 0)
		return;
	setup->server.threads = at_most(
		cor_cpus_usable() / (most ? most : 1), COR_SHARED_THREADS_MAX);
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
				"only a master can replace a worker: add --processes or --worker-max");
	return status;
}

static enum cor_exit check_single(struct cor_setup *setup)
{
	const struct cor_master_settings *master = &setup->master;
	const char *why = "the service keeps its state in one process (.single_process of its "
			  "table): clients would be answered otherwise by each: say 1";

	if (!cor_composition_is_single(&setup->composition))
		return COR_EXIT_OK;
	if (master->processes > 1)
		return refuse(setup, "processes", (uint64_t)master->processes, why);
	if (setup->processes_max > 1)
		return refuse(setup, "worker_max", setup->processes_max, why);
	setup->processes = at_most(setup->processes, 1);
	return COR_EXIT_OK;
}

static enum cor_exit check_range(const struct cor_setup *setup)
{
	const struct cor_master_settings *master = &setup->master;

	if (setup->processes_max == 0 && master->worker_min != 0)
		return refuse(setup, "worker_min", master->worker_min,
			"is the lower end of a range: add --worker-max, or give --processes");
	if (setup->processes_max != 0 && master->processes != COR_PROCESSES_NONE)
		return refuse(setup, "worker_max", setup->processes_max,
			"gives a range in place of a number: remove --processes");
	if (setup->processes_max != 0 && master->worker_min > setup->processes_max)
		return refuse(setup, "worker_min", master->worker_min,
			"is more than --worker-max: lower it");
	return COR_EXIT_OK;
}

/* The control process has a master, which has a worker: to ask for it is enough. */
static bool is_only_controlled(const struct cor_setup *setup)
{
	return setup->master.control && setup->processes == 0 && setup->processes_max == 0 &&
	       cor_config_origin(setup->config, "processes", NULL) == COR_SOURCE_DEFAULT;
}

enum cor_exit cor_processes_count(struct cor_setup *setup)
{
	const struct cor_master_settings *master = &setup->master;

	setup->processes = resolve(master->processes);
	setup->processes_max = resolve(master->worker_max);
	enum cor_exit status = check_single(setup);
	if (status == COR_EXIT_OK)
		status = check_range(setup);
	if (setup->processes_max != 0)
		setup->processes = master->worker_min ? master->worker_min : 1;
	if (is_only_controlled(setup))
		setup->processes = 1;
	count_threads(setup);
	return status == COR_EXIT_OK ? check_limits(setup) : status;
}
