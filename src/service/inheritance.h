/* SPDX-License-Identifier: MIT */
/** What a mounted service has from the one that it is mounted in. */
#ifndef CORACLE_SERVICE_INHERITANCE_H
#define CORACLE_SERVICE_INHERITANCE_H

#include "service/composition.h"

/**
 * Make unit->service of unit->written, its prefix and its outer unit, and find where its own
 * middleware and limits begin.
 * Returns 0 or -ENOMEM.
 */
int cor_inherit(struct cor_unit *unit, struct cor_arena *arena) COR_CHECKED;

#endif
