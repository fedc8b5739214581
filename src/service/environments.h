/* SPDX-License-Identifier: MIT */
/** What every ctx of a dispatcher shares: an environment for each unit. */
#ifndef CORACLE_SERVICE_ENVIRONMENTS_H
#define CORACLE_SERVICE_ENVIRONMENTS_H

#include "service/making.h"

/** The settings of a unit's service, or of the nearest around it that has some; NULL: none. */
const void *cor_making_settings(const struct cor_making *making, const struct cor_unit *unit);

/** The first one, as far as it is known from the start. */
struct cor_environment cor_making_first_environment(const struct cor_dispatcher_options *options);

/** Give it the codec. Faults of tables are among the contradictions. Returns 0 or -ENOMEM. */
int cor_making_codec(struct cor_making *making) COR_CHECKED;

/**
 * Give it what counts and what cookies are sealed with, then let all units share what the first
 * has, but for what is their own. Returns 0 or a negative code.
 */
int cor_making_equip(struct cor_making *making) COR_CHECKED;

#endif
