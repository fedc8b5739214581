/* SPDX-License-Identifier: MIT */
/**
 * What systemd is told of the master: that it is ready, reloads, or stops, how its workers are,
 * and, if the unit asks for it, that the master is alive.
 *
 * Where nobody listens nothing is sent. Losses are not reported: systemd notices what it misses.
 * Everything here belongs to the master's one thread.
 */
#ifndef CORACLE_MASTER_BULLETIN_H
#define CORACLE_MASTER_BULLETIN_H

#include <stdbool.h>

#include "runtime/notify.h"
#include "runtime/timer.h"

#define COR_BULLETIN_BYTES 96

struct cor_crew;
struct cor_logger;
struct cor_scheduler;

struct cor_bulletin {
	struct cor_notify notify;
	const struct cor_crew *crew;
	struct cor_timer heartbeat;
	uint32_t heartbeat_ms;         /* 0: nobody watches */
	bool is_up;                    /* readiness was told */
	char said[COR_BULLETIN_BYTES]; /* the status that was told last */
};

/**
 * Begin; the heart beats from now on, at half the interval that systemd allows. It is the one
 * reason for which a master at rest wakes up.
 */
void cor_bulletin_open(struct cor_bulletin *bulletin, const struct cor_notify *notify,
	const struct cor_crew *crew);

/** Log that systemd was not told something ("that the service is ready"); rc >= 0: it was. */
void cor_bulletin_check(struct cor_logger *logger, const char *what, int rc);

/** Zeroed, it does nothing. */
void cor_bulletin_close(struct cor_bulletin *bulletin);

/** Another process is the master from now on, and tells the rest. */
void cor_bulletin_hand_over(struct cor_bulletin *bulletin, pid_t successor);

/** The first worker is ready. */
void cor_bulletin_up(struct cor_bulletin *bulletin);

/** A reload begins, and is over, however it went. */
void cor_bulletin_reloading(struct cor_bulletin *bulletin);
void cor_bulletin_reloaded(struct cor_bulletin *bulletin);

void cor_bulletin_stopping(struct cor_bulletin *bulletin);

/** Something may have changed: tell how the workers are, if it has. "2 workers, 1 finishing". */
void cor_bulletin_update(struct cor_bulletin *bulletin);

#endif
