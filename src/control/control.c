/* SPDX-License-Identifier: MIT */
#include "control/control.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct cor_resource *const resources[] = {
	&cor_control_metrics,
	&cor_control_live,
	&cor_control_ready,
	&cor_control_startup,
	&cor_control_status,
	&cor_control_timed,
	&cor_control_reload,
	&cor_control_stop,
	&cor_control_log_level,
	NULL,
};

void cor_control_init(struct cor_control *control)
{
	control->service = (struct cor_service){
		.name = control->of->name,
		.version = control->of->version,
		.resources = resources,
	};
}

const struct cor_control *cor_control_of(struct cor_ctx *ctx)
{
	return cor_state(ctx);
}

/* A thread that counts has a block; others must not be looked at, as that would take memory. */
void cor_control_add_counts(
	const struct cor_control *control, uint32_t slot, struct cor_counts *sum)
{
	uint32_t len = cor_board_blocks_len(control->board);

	for (uint32_t i = 0; i < len; i++) {
		const struct cor_block *block = &control->board->blocks[i];
		if (block->slot == slot)
			cor_counts_add(
				sum, &control->counts[slot * control->threads_max + block->thread]);
	}
}

/* The second number of /proc/PID/statm, in pages: 0 for one that has died but was not reaped. */
uint64_t cor_control_resident_bytes(int32_t pid)
{
	char path[32], text[128], *end;

	snprintf(path, sizeof path, "/proc/%" PRId32 "/statm", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : UINT64_MAX;
	ssize_t len = read(fd, text, sizeof text - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	strtoull(text, &end, 10);
	return strtoull(end, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint32_t cor_control_count_ready(const struct cor_control *control)
{
	uint32_t ready = 0;

	for (uint32_t slot = 0; slot < COR_SLOTS_MAX; slot++) {
		const struct cor_roster_row *row = &control->roster->rows[slot];
		int32_t pid = row->pid;
		ready += pid != 0 && row->state == COR_WORKER_READY &&
			 cor_control_resident_bytes(pid) != 0;
	}
	return ready;
}
