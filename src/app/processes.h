/* SPDX-License-Identifier: MIT */
/** How many processes and threads the settings amount to. Private to the app folder. */
#ifndef CORACLE_APP_PROCESSES_H
#define CORACLE_APP_PROCESSES_H

#include "app/setup.h"

/**
 * Resolve `auto` into setup->processes and setup->server.threads. Reports settings that contradict
 * each other or need a master where there is none.
 */
enum cor_exit cor_processes_count(struct cor_setup *setup) COR_CHECKED;

#endif
