/* SPDX-License-Identifier: MIT */
/** The list of the tests, as JSON Lines: --list --events. */
#ifndef CORACLE_TESTING_EVENTS_H
#define CORACLE_TESTING_EVENTS_H

#include <stdio.h>

#include "testing/plan.h"

void cor_events_list(const struct cor_plan *plan, FILE *out);

#endif
