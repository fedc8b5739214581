/* SPDX-License-Identifier: MIT */
/* What is wrong with the members of an executor. */
#include <coracle/executor.h>

#include "executor/turnover.h"

#define SIZE_MAX_OF_POOLS 4096
#define MEMORY_BYTES_MIN  (4 << 20) /* that a process has already when it begins */

static const char *fault_of_values(const struct cor_executor *executor)
{
	if ((unsigned)executor->kind > COR_PROCESSES)
		return ".kind is neither COR_THREADS nor COR_PROCESSES";
	if ((unsigned)executor->when_full > COR_FULL_RUN_HERE)
		return ".when_full is none of COR_FULL_WAIT, COR_FULL_REFUSE and COR_FULL_RUN_HERE";
	if ((unsigned)executor->isolation > COR_SANDBOX)
		return ".isolation is neither COR_NO_ISOLATION nor COR_SANDBOX";
	if (executor->size > SIZE_MAX_OF_POOLS)
		return ".size is more than 4,096";
	return NULL;
}

static const char *fault_of_processes(const struct cor_executor *executor)
{
	if (executor->when_full == COR_FULL_RUN_HERE)
		return "a job for a process cannot run where it is submitted: choose another "
		       ".when_full than COR_FULL_RUN_HERE";
	if (executor->memory_bytes != 0 && executor->memory_bytes < MEMORY_BYTES_MIN)
		return ".memory_bytes is less than the 4 MiB that a process needs to begin";
	return NULL;
}

static const char *fault_of_threads(const struct cor_executor *executor)
{
	if (executor->isolation != COR_NO_ISOLATION)
		return "only processes have a sandbox: add .kind = COR_PROCESSES";
	if (executor->call_bytes || executor->job_timeout_ms || executor->job_cpu_ms ||
		executor->memory_bytes || executor->strict || cor_turnover_is_planned(executor))
		return ".call_bytes, .job_timeout_ms, .job_cpu_ms, .memory_bytes, "
		       ".jobs_per_process, .recycle_ms, .recycle_bytes and .strict are for "
		       "processes: add .kind = COR_PROCESSES";
	return NULL;
}

const char *cor_executor_fault(const struct cor_executor *executor)
{
	const char *fault = fault_of_values(executor);

	if (fault)
		return fault;
	return executor->kind == COR_PROCESSES ? fault_of_processes(executor)
					       : fault_of_threads(executor);
}
