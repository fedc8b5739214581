/* SPDX-License-Identifier: MIT */
/** Runs a service's readiness checks in a worker. Private to the app folder. */
#ifndef CORACLE_APP_CHECKUP_H
#define CORACLE_APP_CHECKUP_H

#include "app/program.h"

struct cor_server;

/**
 * Start a fiber for each check on the first thread of the running server. It asks again and again,
 * writes what it hears into shared memory for the control process, and logs what changes; like the
 * background hook it is cancelled at the end. Without a master nothing runs. `on_known` is called
 * once each check has ended for the first time, however: on that thread, or immediately if there
 * are none. Returns 0, -ENOMEM, -COR_ENOSTACK, or as cor_segment_region().
 */
int cor_checkup_start(struct cor_program *program, struct cor_server *server,
	void (*on_known)(struct cor_program *program)) COR_CHECKED;

#endif
