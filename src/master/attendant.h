/* SPDX-License-Identifier: MIT */
/**
 * The control process, which answers operators and probes: started, and replaced when it dies.
 *
 * It holds no post and serves no client. It is started before the workers and ends after them, so
 * that their start and end can be watched. After a reload one of the new program takes its place.
 *
 * Everything here belongs to the master's one thread and runs on its loop.
 */
#ifndef CORACLE_MASTER_ATTENDANT_H
#define CORACLE_MASTER_ATTENDANT_H

#include <stdbool.h>
#include <sys/types.h>

#include <coracle/api.h>

#include "master/crew.h"

struct cor_attendant {
	struct cor_crew *crew;
	int listening;          /* its socket; -1: there is no control process */
	pid_t pid;              /* 0: it is not there */
	struct cor_watch watch; /* its channel */
	pid_t leaving;          /* the one before, which finishes; 0: none */
	int leaving_channel;
	struct cor_generation *generation; /* of the process; NULL: none */
	struct cor_timer timer; /* until the next start; at the end, until it is killed */
	int64_t started_ns;
	unsigned young_deaths; /* in a row */
	bool is_ending;
	void (*on_order)(struct cor_attendant *attendant, const char *word);
};

/**
 * Start it, if one is wanted. It is tried again and again until it succeeds. `on_order` hears what
 * an operator has told it; on the loop.
 */
void cor_attendant_begin(struct cor_attendant *attendant, struct cor_crew *crew, int listening,
	void (*on_order)(struct cor_attendant *attendant, const char *word));

/** A reload has succeeded: start one of the new generation; the old one finishes. */
void cor_attendant_renew(struct cor_attendant *attendant);

/** A new master has one of its own: this one finishes, and is not replaced. */
void cor_attendant_leave(struct cor_attendant *attendant);

/** The workers have gone. Returns whether it has gone, too. */
bool cor_attendant_end(struct cor_attendant *attendant);

/** A child has died. Returns false if it was not the control process. */
bool cor_attendant_bury(struct cor_attendant *attendant, pid_t pid, int status);

#endif
