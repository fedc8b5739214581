/* SPDX-License-Identifier: MIT */
/**
 * A binary upgrade, as the new master sees it: it has workers, and waits for the old master to give
 * it the rule. See master/upgrade.h.
 *
 * Everything here belongs to the master's one thread and runs on its loop.
 */
#ifndef CORACLE_MASTER_SUCCESSION_H
#define CORACLE_MASTER_SUCCESSION_H

#include <stdbool.h>

#include <coracle/api.h>

#include "master/crew.h"

struct cor_succession {
	struct cor_crew *crew;
	struct cor_watch watch; /* the channel to the old master; its fd is -1 later */
	bool is_ready;          /* and has said so */
	bool rules;
	/* On the loop. */
	void (*on_rule)(struct cor_succession *succession);
	void (*on_orphaned)(struct cor_succession *succession); /* the old one died, and ruled */
	void (*on_alone)(struct cor_succession *succession);    /* the old one has gone */
};

/** Listen to the old master; without one (-1) it rules. Returns 0, or as cor_reactor_add(). */
int cor_succession_begin(struct cor_succession *succession, int channel) COR_CHECKED;

/** All workers are ready: say so, once. */
void cor_succession_ready(struct cor_succession *succession);

/** It rules: tell the old master to let its workers go. */
void cor_succession_done(struct cor_succession *succession, bool has_left_addresses);

/** Whether an old master that gave the rule finishes still. */
bool cor_succession_is_shared(const struct cor_succession *succession);

void cor_succession_close(struct cor_succession *succession);

#endif
