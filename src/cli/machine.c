/* SPDX-License-Identifier: MIT */
#include "cli/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/cap.h"
#include "runtime/cpus.h"
#include "runtime/memory.h"

#define BACKLOG_DEFAULT 1024
#define FILES_WANTED    4096
#define MEMORY_WANTED   (64u << 20)
#define STACKS_WANTED   10000
#define MIB             (1024.0 * 1024)

static int64_t kernel_number(const char *path)
{
	int64_t number = -1;
	FILE *stream = fopen(path, "re");

	if (!stream)
		return -1;
	if (fscanf(stream, "%" SCNd64, &number) != 1)
		number = -1;
	fclose(stream);
	return number;
}

static void examine_backlog(struct cor_findings *findings, int64_t backlog)
{
	int64_t somaxconn = kernel_number("/proc/sys/net/core/somaxconn");
	int64_t wanted = backlog ? backlog : BACKLOG_DEFAULT;
	const char *text = cor_cli_text(findings->cli,
		"net.core.somaxconn is %" PRId64 ", the service asks for %" PRId64, somaxconn,
		wanted);

	if (somaxconn < 0)
		return;
	if (somaxconn >= wanted)
		cor_find(findings, COR_FINDING_GOOD, "backlog", text, NULL);
	else
		cor_find(findings, COR_FINDING_BAD, "backlog", text,
			cor_cli_text(findings->cli,
				"sysctl -w net.core.somaxconn=%" PRId64
				", and a line in /etc/sysctl.d; or lower --backlog",
				wanted));
}

/* The service raises the soft limit to the hard one by itself. */
static void examine_files(struct cor_findings *findings)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	if (files.rlim_max == RLIM_INFINITY || files.rlim_max >= FILES_WANTED)
		cor_find(findings, COR_FINDING_GOOD, "open files",
			cor_cli_text(findings->cli, "%" PRIu64 " at most (ulimit -Hn)",
				(uint64_t)files.rlim_max),
			NULL);
	else
		cor_find(findings, COR_FINDING_BAD, "open files",
			cor_cli_text(findings->cli,
				"%" PRIu64 " at most (ulimit -Hn): so many connections, fewer some",
				(uint64_t)files.rlim_max),
			"raise it: LimitNOFILE= of systemd, /etc/security/limits.conf, or --ulimit of "
			"docker");
}

static void examine_limit(struct cor_findings *findings, int resource, const char *what,
	const char *option, uint64_t wanted)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY ||
		limit.rlim_cur >= wanted)
		return;
	cor_find(findings, COR_FINDING_BAD, what,
		cor_cli_text(findings->cli, "%" PRIu64 " at most (ulimit -S%s)",
			(uint64_t)limit.rlim_cur, option),
		cor_cli_text(
			findings->cli, "raise it, or take it off: ulimit -S%s unlimited", option));
}

static void examine_groups(struct cor_findings *findings)
{
	struct cor_group_memory memory = { .used = -1, .stat = -1 };
	uint32_t cpus = cor_cpus_usable();
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	cor_find(findings, COR_FINDING_GOOD, "processors",
		cor_cli_text(findings->cli,
			"%" PRIu32 " of %ld, by affinity and control groups: --processes auto",
			cpus, processors),
		NULL);
	if (cor_group_memory_open(&memory, &cor_cgroup_system) < 0) {
		cor_find(findings, COR_FINDING_GOOD, "memory", "no control group limits it", NULL);
		return;
	}
	uint64_t limit = memory.memory.limit_bytes;
	cor_group_memory_close(&memory);
	const char *text = cor_cli_text(
		findings->cli, "its control group has %.0f MiB", (double)limit / MIB);
	if (limit >= MEMORY_WANTED)
		cor_find(findings, COR_FINDING_GOOD, "memory", text, NULL);
	else
		cor_find(findings, COR_FINDING_BAD, "memory", text,
			"give it 64 MiB at least: memory.max, --memory of docker, limits of Kubernetes");
}

static void examine_stacks(struct cor_findings *findings)
{
	uint32_t cap = cor_stack_cap();
	const char *text = cor_cli_text(findings->cli,
		"%" PRIu32 " requests can wait at the same time (vm.max_map_count, memory)", cap);

	if (cap >= STACKS_WANTED)
		cor_find(findings, COR_FINDING_GOOD, "stacks", text, NULL);
	else
		cor_find(findings, COR_FINDING_NOTE, "stacks", text,
			"sysctl -w vm.max_map_count=262144, if so many are expected");
}

void cor_machine_examine(struct cor_findings *findings, int64_t backlog)
{
	examine_groups(findings);
	examine_files(findings);
	examine_limit(findings, RLIMIT_AS, "address space", "v", UINT64_C(4) << 30);
	examine_limit(findings, RLIMIT_NPROC, "processes", "u", 256);
	examine_limit(findings, RLIMIT_FSIZE, "size of files", "f", UINT64_C(1) << 30);
	examine_backlog(findings, backlog);
	examine_stacks(findings);
}
