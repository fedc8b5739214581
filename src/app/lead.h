/* SPDX-License-Identifier: MIT */
/** The program as a master of workers, and as its checker. Private to the app folder. */
#ifndef CORACLE_APP_LEAD_H
#define CORACLE_APP_LEAD_H

#include "app/setup.h"

/** Listen, start workers, and keep them until the end. `argv` is that of main. */
enum cor_exit cor_lead(struct cor_setup *setup, char *const *argv) COR_CHECKED;

/** Judge the tables, leave the configuration where the master wants it, and say the plan. */
enum cor_exit cor_check_for_master(const struct cor_setup *setup) COR_CHECKED;

#endif
