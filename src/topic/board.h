/* SPDX-License-Identifier: MIT */
/**
 * The rings of all topics, in memory that the processes of a service share: a ring for each name,
 * which stays with it over reloads, and a bell for each process. Zeroed memory but for .init.
 *
 * A process that has nobody to tell is not rung up: it is not listening.
 */
#ifndef CORACLE_TOPIC_BOARD_H
#define CORACLE_TOPIC_BOARD_H

#include "segment/doorbell.h"
#include "segment/lock.h"
#include "topic/ring.h"

#define COR_TOPIC_DESKS 512 /* processes */

/** Where a process hears of what others publish. */
struct cor_topic_desk {
	struct cor_doorbell bell;
	_Atomic uint32_t is_asleep; /* it waits for the bell, or is about to; it may have died */
	char apart[56];             /* from others', whose processors write there, too */
};

struct cor_topic_board {
	struct cor_lock lock;       /* for the making of rings */
	_Atomic uint32_t len;       /* rings */
	_Atomic uint32_t desks_len; /* desks from there on were never used */
	struct cor_topic_desk desks[COR_TOPIC_DESKS];
	struct cor_topic_ring rings[COR_TOPICS_MAX];
};

/** The .init of its region: see struct cor_region_options. */
int cor_topic_board_init(void *region, size_t bytes) COR_CHECKED;

/**
 * Find the ring of that name, or make it, with that id for its first message. Returns 0, -ENOSPC
 * (there are COR_TOPICS_MAX others), or as cor_lock_take().
 */
int cor_topic_board_ring(struct cor_topic_board *board, const char *name, uint64_t first_id,
	struct cor_topic_ring **ret) COR_CHECKED;

/** The desk of a process. */
struct cor_topic_desk *cor_topic_board_desk(struct cor_topic_board *board, uint32_t slot);

/**
 * Something was published: wake the processes that wait for it, but not that of the desk `own`
 * (NULL: all). Never waits; any thread.
 */
void cor_topic_board_call(struct cor_topic_board *board, const struct cor_topic_desk *own);

#endif
