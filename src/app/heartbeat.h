/* SPDX-License-Identifier: MIT */
/** Shows systemd that the one process without a master is alive. Private to the app folder. */
#ifndef CORACLE_APP_HEARTBEAT_H
#define CORACLE_APP_HEARTBEAT_H

#include "app/program.h"

struct cor_server;

/**
 * Start a fiber on the first thread of the running server that tells systemd at half the interval
 * that the unit's WatchdogSec= allows; it does not while that thread is held. It is cancelled at
 * the end, as the background hook is. Does nothing where systemd does not ask. Returns 0, -ENOMEM
 * or -COR_ENOSTACK.
 */
int cor_heartbeat_start(struct cor_program *program, struct cor_server *server) COR_CHECKED;

#endif
