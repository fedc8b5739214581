/* SPDX-License-Identifier: MIT */
/** The program as the control process of a master. Private to the app folder. */
#ifndef CORACLE_APP_ATTEND_H
#define CORACLE_APP_ATTEND_H

#include "app/setup.h"

/** Answer operators and probes until the master says that it is over. */
enum cor_exit cor_attend(const struct cor_setup *setup) COR_CHECKED;

#endif
