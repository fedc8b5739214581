/* SPDX-License-Identifier: MIT */
/**
 * Room for new clients where there are as many connections as there may be: whoever keeps one and
 * asks for nothing gives way.
 */
#ifndef CORACLE_CONNECTION_ROOM_H
#define CORACLE_CONNECTION_ROOM_H

#include "runtime/scheduler.h"

struct cor_loop;

#define COR_ROOM_IDLE_MS 1000 /* clients idle for less may be about to ask */

/**
 * The loop has found no slot: close the connection that has been idle longest, here or, if nobody
 * is idle here, on each of the other loops. It closes a moment later, unless a request has come
 * meanwhile.
 */
void cor_room_make(struct cor_loop *loop);

/** Another loop of the group has nobody who is idle. On this loop's thread. */
void cor_room_asked(struct cor_task *task);

#endif
