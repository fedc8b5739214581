/* SPDX-License-Identifier: MIT */
#include "master/roster.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static bool has_gone(pid_t pid)
{
	return kill(pid, 0) < 0 && errno == ESRCH;
}

bool cor_roster_claim(struct cor_roster *roster, uint32_t slot)
{
	struct cor_roster_row *row = &roster->rows[slot];
	int32_t owner = row->owner;

	if (owner == getpid() || (owner != 0 && !has_gone(owner)))
		return false;
	if (owner != 0 && row->pid != 0 && !has_gone(row->pid))
		return false;
	if (!atomic_compare_exchange_strong(&row->owner, &owner, getpid()))
		return false;
	row->pid = 0;
	return true;
}

void cor_roster_release(struct cor_roster *roster, uint32_t slot)
{
	roster->rows[slot].pid = 0;
	roster->rows[slot].owner = 0;
}

bool cor_roster_orphan(struct cor_roster *roster, pid_t master)
{
	int32_t ruler = master;

	return atomic_compare_exchange_strong(&roster->master, &ruler, COR_ROSTER_ORPHANED) ||
	       ruler == COR_ROSTER_ORPHANED;
}

static void publish_row(struct cor_roster_row *row, const struct cor_worker *worker)
{
	row->state = worker->state;
	row->generation = worker->generation->number;
	row->started_ns = worker->started_ns;
	row->pid = worker->pid;
}

/* The worker of a master that has died finishes what it has; nobody else sees its end. */
static void look_after_orphan(struct cor_roster_row *row)
{
	int32_t owner = row->owner;

	if (owner == 0 || owner == getpid() || !has_gone(owner))
		return;
	row->state = COR_WORKER_LEAVING;
	if (row->pid == 0 || has_gone(row->pid)) {
		row->pid = 0;
		atomic_compare_exchange_strong(&row->owner, &owner, 0);
	}
}

void cor_roster_publish(struct cor_roster *roster, const struct cor_crew *crew)
{
	if (roster->master == getpid()) {
		roster->posts = crew->posts_len;
		roster->generation = crew->generation->number;
		roster->is_ending = crew->is_ending;
	}
	for (uint32_t slot = 0; slot < COR_SLOTS_MAX; slot++)
		if (crew->slots[slot])
			publish_row(&roster->rows[slot], crew->slots[slot]);
		else
			look_after_orphan(&roster->rows[slot]);
}

static bool has_workers(const struct cor_roster *roster)
{
	for (uint32_t slot = 0; slot < COR_SLOTS_MAX; slot++)
		if (roster->rows[slot].owner != 0)
			return true;
	return false;
}

void cor_roster_publish_end(struct cor_roster *roster, bool was_cut)
{
	uint32_t not_yet = COR_END_NOT;

	if (!roster->is_ending || has_workers(roster))
		return;
	if (was_cut)
		roster->end = COR_END_CUT;
	else
		atomic_compare_exchange_strong(&roster->end, &not_yet, COR_END_WELL);
}

void cor_roster_refuse_reload(struct cor_roster *roster, const char *why)
{
	uint64_t number = cor_counter_read(&roster->begun_reloads);
	struct cor_roster_refusal *refusal = &roster->refusals[number % COR_ROSTER_REFUSALS];

	snprintf(refusal->why, sizeof refusal->why, "%s", why);
	refusal->number = number;
}

const char *cor_roster_refusal_of(const struct cor_roster *roster, uint64_t number)
{
	const struct cor_roster_refusal *refusal = &roster->refusals[number % COR_ROSTER_REFUSALS];

	return number != 0 && refusal->number == number ? refusal->why : NULL;
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
	cor_count_shared(&roster->restarts[cause], 1);
}

const char *const cor_retirement_names[COR_RETIREMENT_CAUSES] = {
	[COR_RETIRED_REQUESTS] = "requests",
	[COR_RETIRED_AGE] = "age",
	[COR_RETIRED_MEMORY] = "memory",
	[COR_RETIRED_HARAKIRI] = "harakiri",
	[COR_RETIRED_CERTIFICATE] = "certificate",
};

const char *cor_roster_count_retirement(struct cor_roster *roster, const char *word)
{
	size_t len = strcspn(word, " ");

	for (size_t i = 0; i < COR_RETIREMENT_CAUSES; i++)
		if (strlen(cor_retirement_names[i]) == len &&
			strncmp(cor_retirement_names[i], word, len) == 0) {
			cor_count_shared(
				&roster->retirements[i], 1); /* two masters in an upgrade */
			return word[len] == '\0' ? word : word + len + 1;
		}
	return word;
}
