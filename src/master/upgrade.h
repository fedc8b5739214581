/* SPDX-License-Identifier: MIT */
/**
 * A binary upgrade, as the old master sees it: a new master is started next to it, from the program
 * at the path now, and brings up workers on the same sockets.
 *
 *     starting: it reads its configuration, and starts workers; if it dies, all stays as it was
 *     ready:    all of its workers are; the old master gives it the rule
 *     rules:    it says so; the old workers finish, and their master goes
 *
 * Who rules stands in the roster, which the old master changes: there is exactly one ruler at each
 * moment, no matter who dies.
 *
 * Everything here belongs to the master's one thread and runs on its loop.
 */
#ifndef CORACLE_MASTER_UPGRADE_H
#define CORACLE_MASTER_UPGRADE_H

#include <stdbool.h>
#include <sys/types.h>

#include <coracle/api.h>

#include "master/crew.h"
#include "master/legacy.h"

enum cor_upgrade_state {
	COR_UPGRADE_NONE,
	COR_UPGRADE_STARTING,
	COR_UPGRADE_GIVEN, /* the rule, to the successor, which has not answered yet */
	COR_UPGRADE_OVER,  /* it rules */
};

struct cor_upgrade {
	struct cor_crew *crew;
	const char *program;               /* its path */
	const struct cor_legacy *heirloom; /* what does not change; borrowed */
	enum cor_upgrade_state state;
	pid_t successor;        /* 0: none */
	struct cor_watch watch; /* its channel */
	struct cor_timer timer; /* the time it has to be ready */
	bool is_wanted;         /* after the reload that goes on */
	bool wants_reload;      /* behind the upgrade */
	bool is_cancelled;
	/* On the loop. The old master's part is over: its workers are told `word`. */
	void (*on_ready)(struct cor_upgrade *upgrade);
	void (*on_over)(struct cor_upgrade *upgrade, const char *word);
	void (*on_failed)(struct cor_upgrade *upgrade);
};

/** SIGUSR2: begin, or say why not; after a reload that goes on. */
void cor_upgrade_ask(struct cor_upgrade *upgrade, bool is_reloading);

/** Begin, unless one goes on. */
void cor_upgrade_begin(struct cor_upgrade *upgrade);

/** Whether a new master is on its way, and has not got the rule. */
bool cor_upgrade_goes_on(const struct cor_upgrade *upgrade);

/** The service ends: pass the signal on to a new master that does not rule yet. */
void cor_upgrade_end(struct cor_upgrade *upgrade, int number);

/** Whether there is no new master that this one must wait for before it ends. */
bool cor_upgrade_is_over(const struct cor_upgrade *upgrade);

void cor_upgrade_close(struct cor_upgrade *upgrade);

/** A child has died. Returns false if it was not the new master. */
bool cor_upgrade_bury(struct cor_upgrade *upgrade, pid_t pid, int status);

#endif
