/* SPDX-License-Identifier: MIT */
/**
 * Who works, as the master knows it, for others to read: it stands in shared memory, the master
 * alone writes it, and anybody may read.
 *
 * During an upgrade two masters do, each the rows of the slots that it has claimed; the rest is
 * for the one that rules. Who rules is said here, by the one that did before.
 *
 * A reader may see a row in the middle of a change: what it shows is true a moment later.
 */
#ifndef CORACLE_MASTER_ROSTER_H
#define CORACLE_MASTER_ROSTER_H

#include <stdatomic.h>
#include <stdint.h>

#include "master/crew.h"
#include "segment/counter.h"

/** Why a worker was replaced. */
enum cor_restart_cause {
	COR_RESTART_SIGNAL,  /* it died of one */
	COR_RESTART_EXIT,    /* it ended by itself */
	COR_RESTART_TIMEOUT, /* the master killed it: it did not start in time */
	COR_RESTART_CAUSES
};

/** Why a worker has asked for a successor. */
enum cor_retirement_cause {
	COR_RETIRED_REQUESTS,
	COR_RETIRED_AGE,
	COR_RETIRED_MEMORY,
	COR_RETIRED_HARAKIRI,
	COR_RETIRED_CERTIFICATE,
	COR_RETIREMENT_CAUSES
};

/** What a worker's word and a figure call them. */
extern const char *const cor_retirement_names[COR_RETIREMENT_CAUSES];

/** How the service has ended. */
enum cor_roster_end {
	COR_END_NOT,
	COR_END_WELL,
	COR_END_CUT, /* requests in progress were cut */
};

#define COR_ROSTER_REFUSAL_BYTES 1024
#define COR_ROSTER_REFUSALS      8

#define COR_ROSTER_ORPHANED (-1) /* the master that ruled has died, and its children know */

struct cor_roster_row {
	_Atomic int32_t owner;  /* the master that has the slot; 0: none */
	_Atomic int32_t pid;    /* 0: nobody is in that slot */
	_Atomic uint32_t state; /* enum cor_worker_state */
	_Atomic uint32_t generation;
	_Atomic int64_t started_ns; /* monotonic */
};

/** Why a reload has failed, or has ended in the middle. */
struct cor_roster_refusal {
	_Atomic uint64_t number; /* of the reload, from 1; written behind the text */
	char why[COR_ROSTER_REFUSAL_BYTES];
};

struct cor_roster {
	_Atomic int32_t master;       /* the one that rules; COR_ROSTER_ORPHANED */
	_Atomic uint32_t posts;       /* workers that are wanted */
	_Atomic uint32_t generation;  /* of new workers: one more with each reload */
	_Atomic uint32_t is_ending;   /* nobody is replaced any more */
	_Atomic uint32_t end;         /* enum cor_roster_end: the workers have gone */
	_Atomic uint32_t end_waiters; /* operators who are told of it */
	_Atomic uint32_t has_been_up; /* a worker was ready */
	_Atomic int64_t started_ns;   /* realtime */
	_Atomic uint64_t reloads;     /* that a worker came of */
	_Atomic uint64_t failed_reloads;
	_Atomic uint64_t begun_reloads;
	struct cor_roster_refusal refusals[COR_ROSTER_REFUSALS]; /* by number, of the last ones */
	_Atomic uint32_t log_level; /* 1 + enum cor_log_level: set at run time; 0: it is not */
	_Atomic uint64_t upgrades;  /* after which the new master ruled */
	_Atomic uint64_t failed_upgrades;
	_Atomic int64_t certificate_expires_s; /* the first of them; since 1970; 0: there is none */
	_Atomic uint64_t certificate_day;      /* whose warnings have been logged */
	_Atomic uint64_t certificate_stamp;    /* of its files, of which a worker has told */
	_Atomic uint64_t restarts[COR_RESTART_CAUSES];
	_Atomic uint64_t retirements[COR_RETIREMENT_CAUSES];
	struct cor_roster_row rows[COR_SLOTS_MAX]; /* by slot */
};

/**
 * Take a slot for this master: during an upgrade there are two. Returns false if it is another's,
 * or was taken before. One whose master and worker have died is free.
 */
bool cor_roster_claim(struct cor_roster *roster, uint32_t slot);

/** Give it back. */
void cor_roster_release(struct cor_roster *roster, uint32_t slot);

/**
 * A child of `master` has lost it. Returns whether that one ruled: if not, the master that does
 * decides about the sockets. Any process, any thread.
 */
bool cor_roster_orphan(struct cor_roster *roster, pid_t master);

/**
 * Write down who works for this master and, if it rules, how the service is. The workers of a
 * master that has died leave, and go.
 */
void cor_roster_publish(struct cor_roster *roster, const struct cor_crew *crew);

/**
 * If the service ends and no worker is left, of whichever master, it has ended. `was_cut`: this
 * master's workers have cut requests.
 */
void cor_roster_publish_end(struct cor_roster *roster, bool was_cut);

/** The reload that was begun last has failed, or ended in the middle: `why`, cut if it is long. */
void cor_roster_refuse_reload(struct cor_roster *roster, const char *why);

/** Why the reload of that number, counted as they began, has failed; NULL: it has not. */
const char *cor_roster_refusal_of(const struct cor_roster *roster, uint64_t number);

/** A worker has gone: if another takes its post, count why. `status` is that of waitpid(). */
void cor_roster_count_death(struct cor_roster *roster, const struct cor_worker *worker, int status);

/**
 * Count a worker that retires. `word` is what it has said: one of the names, a blank, and a text
 * for people, which is returned.
 */
const char *cor_roster_count_retirement(struct cor_roster *roster, const char *word);

#endif
