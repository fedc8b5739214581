/* SPDX-License-Identifier: MIT */
/** A program's server from its first listener to its last answer. Private to the app folder. */
#ifndef CORACLE_APP_SERVE_H
#define CORACLE_APP_SERVE_H

#include "app/program.h"
#include "app/signals.h"

/**
 * Listen on the addresses of the settings, or adopt the master's sockets, unless that was done
 * before. Reports what is wrong.
 */
enum cor_exit cor_program_listen(struct cor_program *program) COR_CHECKED;

/** Listen, say so, serve until TERM or INT, drain. Reports what is wrong. */
enum cor_exit cor_program_serve(
	struct cor_program *program, struct cor_signals *signals) COR_CHECKED;

#endif
