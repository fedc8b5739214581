/* SPDX-License-Identifier: MIT */
/**
 * `coracle dev` at work: one loop that waits for files, signals, ends of processes and what they
 * say, and a round for each change:
 *
 *     BUILDING -> STARTING -> TESTING -> WAITING
 *
 * A step that fails ends the round with a report. A change during a round ends what it has started,
 * and the next one begins. The service that answers stays until another is ready.
 */
#ifndef CORACLE_CLI_DEV_H
#define CORACLE_CLI_DEV_H

#include <sys/stat.h>

#include "cli/dev_child.h"
#include "cli/dev_kept.h"
#include "cli/dev_report.h"
#include "cli/sources_watch.h"
#include "cli/project.h"
#include "runtime/listening.h"

#define COR_DEV_FOLDER_BYTES 64
#define COR_DEV_OLD_MAX      8 /* services that drain: more are ended */
#define COR_DEV_CHILDREN_MAX (COR_DEV_OLD_MAX + 8)

enum cor_dev_step {
	COR_DEV_WAITING = 0, /* for a change */
	COR_DEV_BUILDING,
	COR_DEV_STARTING,
	COR_DEV_TESTING,
};

struct cor_dev {
	const struct cor_cli *cli;
	struct cor_project project;
	struct cor_sources_watch watch;
	struct cor_listening_set listening; /* of --http */
	struct cor_dev_kept kept;
	char folder[COR_DEV_FOLDER_BYTES]; /* of reports, and the socket of readiness */
	int signals, ready;                /* descriptors */
	int lock;                          /* of make, while it runs; -1: not held */
	const char *url;
	const char *address; /* as it was at the start: the socket stays */
	bool is_over;        /* everything ends */
	bool runs_tests;
	bool is_terminal; /* where it all is told */

	struct cor_dev_child *service, *next, *stand_in, *old[COR_DEV_OLD_MAX];
	struct cor_dev_child *worker; /* make, or the tests */
	pid_t group;                  /* of the last one, of which some may run still; 0: none */
	int64_t group_ms;             /* when it ended */
	struct cor_dev_child *all[COR_DEV_CHILDREN_MAX];
	size_t all_len, last; /* that was started */

	/* the round */
	enum cor_dev_step step;
	bool is_first;
	bool is_restart;            /* `next` is no other version: the service crashed */
	unsigned quick;             /* crashes soon after the start */
	bool is_wanted;             /* the next one: something has changed */
	bool has_other_environment; /* since the service was started */
	int64_t due_ms, latest_ms;  /* when it begins: bursts are gathered */
	int64_t changed_ms;         /* the first change of it */
	struct cor_arena of_round;
	struct cor_cli round; /* texts of a round */
	struct stat program;  /* that the last service was started of */

	enum cor_dev_kind kind; /* of the last report */
	unsigned state;
	struct cor_arena of_report;
	struct cor_cli report; /* texts of a report */
};

#endif
