/* SPDX-License-Identifier: MIT */
/**
 * What a process is to its service: the word that its log lines, ps and top show.
 */
#ifndef CORACLE_APP_ROLE_H
#define CORACLE_APP_ROLE_H

#include "app/setup.h"

#define COR_ROLE_MASTER "master" /* of a successor from the moment that it rules */

/** Of this process; NULL: it is the only one. */
const char *cor_role_of(const struct cor_setup *setup);

/** Name the process "shop:worker". */
void cor_role_show(const struct cor_setup *setup, const char *role);

#endif
