/* SPDX-License-Identifier: MIT */
/** What the system allows a process. Private to the app folder. */
#ifndef CORACLE_APP_LIMITS_H
#define CORACLE_APP_LIMITS_H

#include "app/setup.h"

struct cor_logger;

/**
 * Raise what the system lets us raise, warn of what it will not do, and report crashes from now on.
 * A child has inherited the limits. Call it before many files are opened.
 */
void cor_limits_prepare(const struct cor_setup *setup, struct cor_logger *logger);

#endif
