/* SPDX-License-Identifier: MIT */
/** The fiber of a service's background hook. Private to the app folder. */
#ifndef CORACLE_APP_BACKGROUND_H
#define CORACLE_APP_BACKGROUND_H

#include "app/program.h"

struct cor_server;

/**
 * Start it on the first thread of the running server, which cancels it after the drain and waits
 * for it to end. Does nothing for a service without the hook. Returns 0, -ENOMEM or -COR_ENOSTACK.
 */
int cor_background_start(struct cor_program *program, struct cor_server *server) COR_CHECKED;

#endif
