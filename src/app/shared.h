/* SPDX-License-Identifier: MIT */
/** What the processes of a service share. Private to the app folder. */
#ifndef CORACLE_APP_SHARED_H
#define CORACLE_APP_SHARED_H

#include <stdint.h>

#include "app/ticket_keys.h"
#include "client/adaptive.h"
#include "client/breaker.h"
#include "connection/counts.h"
#include "connection/siblings.h"
#include "cookies/jar.h"
#include "figures/board.h"
#include "figures/ledger.h"
#include "limit/table.h"
#include "master/roster.h"
#include "report/requests.h"
#include "report/verdicts.h"
#include "runtime/stack.h"
#include "segment/segment.h"
#include "topic/board.h"

#define COR_SHARED_THREADS_MAX 256 /* of a worker: the range of --threads */

/** Make the segment of a master: room for every slot. Returns as cor_segment_create(). */
int cor_shared_create(size_t more_bytes, struct cor_segment *ret) COR_CHECKED;

/**
 * Attach the segment of an old master. Returns 0, as cor_segment_attach(), or -EEXIST: its program
 * laid some of it out differently. `fd` is closed then.
 */
int cor_shared_adopt(int fd, struct cor_segment *ret) COR_CHECKED;

/**
 * The counts of the worker in that slot, one for each thread it may have. They go on from where the
 * slot's last worker has left them. Returns as cor_segment_region().
 */
int cor_shared_counts(
	struct cor_segment *segment, uint32_t slot, struct cor_counts **ret) COR_CHECKED;

/** Where the master says who works. Returns as cor_segment_region(). */
int cor_shared_roster(struct cor_segment *segment, struct cor_roster **ret) COR_CHECKED;

/** The table of the workers that serve the same sockets. Returns as cor_segment_region(). */
int cor_shared_siblings(struct cor_segment *segment, struct cor_sibling_table **ret) COR_CHECKED;

/** Where the requests of all workers are counted. Returns as cor_segment_region(). */
int cor_shared_board(struct cor_segment *segment, struct cor_board **ret) COR_CHECKED;

/**
 * What the stacks of each thread report, in the order of the board's blocks. Returns as
 * cor_segment_region().
 */
int cor_shared_stacks(struct cor_segment *segment, struct cor_stack_report **ret) COR_CHECKED;

/** Where all workers count what the service declares itself. Returns as cor_segment_region(). */
int cor_shared_ledger(struct cor_segment *segment, struct cor_ledger **ret) COR_CHECKED;

/** How long what is timed took. */
int cor_shared_timed(struct cor_segment *segment, struct cor_ledger **ret) COR_CHECKED;

/** Where workers write what their readiness checks say. Returns as cor_segment_region(). */
int cor_shared_verdicts(struct cor_segment *segment, struct cor_verdict_table **ret) COR_CHECKED;

/** Where workers say which requests are in flight. Returns as cor_segment_region(). */
int cor_shared_desks(struct cor_segment *segment, struct cor_desks **ret) COR_CHECKED;

/** What cookies are sealed with if nothing else is. Returns as cor_segment_region(). */
int cor_shared_cookie_secret(
	struct cor_segment *segment, struct cor_cookie_secret **ret) COR_CHECKED;

/** The keys of TLS session tickets. Returns as cor_segment_region(). */
int cor_shared_tickets(struct cor_segment *segment, struct cor_ticket_ring **ret) COR_CHECKED;

/** What is published. Returns as cor_segment_region(). */
int cor_shared_topics(struct cor_segment *segment, struct cor_topic_board **ret) COR_CHECKED;
int cor_shared_limits(struct cor_segment *segment, struct cor_limit_table **ret) COR_CHECKED;

/** The breakers of upstreams. Returns as cor_segment_region(). */
int cor_shared_breakers(struct cor_segment *segment, struct cor_breaker_table **ret) COR_CHECKED;

/** The adaptive limits of upstreams. Returns as cor_segment_region(). */
int cor_shared_adaptive_limits(
	struct cor_segment *segment, struct cor_adaptive_table **ret) COR_CHECKED;

#endif
