/* SPDX-License-Identifier: MIT */
/** The places of a unit: made, checked, and put into the router of its host. */
#ifndef CORACLE_SERVICE_PLACING_H
#define CORACLE_SERVICE_PLACING_H

#include "service/making.h"

/** Where the paths of a unit stand. */
struct cor_site *cor_making_site(struct cor_dispatcher *dispatcher, const struct cor_unit *unit);

/** Let a place belong to making->unit, once nothing else of it is to be planned. 0 or -ENOMEM. */
int cor_making_settle(struct cor_making *making, struct cor_place *place) COR_CHECKED;

/**
 * Add resources (a list with NULL at its end, or NULL) to making->unit. One that has contradictions
 * of its own is left out. Returns 0 or -ENOMEM.
 */
int cor_making_add_resources(
	struct cor_making *making, const struct cor_resource *const *list) COR_CHECKED;

/** The same with the files of making->unit: after the resources, so that collisions are seen. */
int cor_making_add_files(struct cor_making *making) COR_CHECKED;

#endif
