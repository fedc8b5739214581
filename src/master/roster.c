/* SPDX-License-Identifier: MIT */
#include "master/roster.h"

#include <sys/wait.h>

static void publish_row(struct cor_roster_row *row, const struct cor_worker *worker)
{
	if (!worker) {
		row->pid = 0;
		return;
	}
	row->state = worker->state;
	row->generation = worker->generation->number;
	row->started_ns = worker->started_ns;
	row->pid = worker->pid;
}

void cor_roster_publish(struct cor_roster *roster, const struct cor_crew *crew)
{
	roster->posts = crew->posts_len;
	roster->generation = crew->generation->number;
	roster->is_ending = crew->is_ending;
	for (uint32_t slot = 0; slot < COR_SLOTS_MAX; slot++)
		if (crew->slots[slot] || roster->rows[slot].pid != 0)
			publish_row(&roster->rows[slot], crew->slots[slot]);
}

void cor_roster_count_death(struct cor_roster *roster, const struct cor_worker *worker, int status)
{
	enum cor_restart_cause cause = COR_RESTART_EXIT;

	if (!worker->post || worker->crew->is_ending)
		return;
	if (worker->was_killed)
		cause = COR_RESTART_TIMEOUT;
	else if (WIFSIGNALED(status))
		cause = COR_RESTART_SIGNAL;
	cor_count(&roster->restarts[cause], 1);
}
