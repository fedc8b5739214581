/* SPDX-License-Identifier: MIT */
/**
 * The units of a part, by the buddy method: free ones are in runs of 1, 2, 4 ... units, each at a
 * multiple of its length, and become one with their neighbour when that is free, too. What is taken
 * is any number of units: the rest of a run stays free.
 */
#ifndef CORACLE_SHELF_ROOM_H
#define CORACLE_SHELF_ROOM_H

#include "shelf/part.h"

/** All units are free. .begins is zeroed. */
void cor_shelf_room_reset(const struct cor_shelf_part *part);

/**
 * Take a run of `len` units, or as many as there are in one: the caller comes again for the rest.
 * There are `len` free ones. Returns how many, 1 at least, and the first.
 */
uint32_t cor_shelf_room_take(const struct cor_shelf_part *part, uint32_t len, uint32_t *ret_first);

void cor_shelf_room_give(const struct cor_shelf_part *part, uint32_t first, uint32_t len);

#endif
