/* SPDX-License-Identifier: MIT */
/**
 * The requests that are in flight in each worker, in memory that all processes share: a desk for
 * each slot. A reader rings there, and the worker writes down the oldest ones. Nothing is kept up
 * to date meanwhile, so requests cost nothing.
 *
 * The worker writes its desk, on one thread; anybody may ring and read. A desk belongs to the
 * worker whose pid it has. The region is made zeroed: nobody sits anywhere.
 */
#ifndef CORACLE_REPORT_REQUESTS_H
#define CORACLE_REPORT_REQUESTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>

#include "segment/doorbell.h"
#include "segment/snapshot.h"

#define COR_DESKS                 512
#define COR_REQUESTS_LISTED_MAX   64 /* of a worker: the oldest ones */
#define COR_REQUEST_HANDLER_BYTES 64
#define COR_REQUEST_PEER_BYTES    64
#define COR_REQUEST_LABEL_BYTES   40
#define COR_REQUEST_CALL_BYTES    32

enum cor_request_state {
	COR_REQUEST_RUNNING, /* its handler computes, or may in a moment */
	COR_REQUEST_WAITING, /* for something other than its client */
	COR_REQUEST_READING, /* waits for the client to send more of the body */
	COR_REQUEST_WRITING, /* waits for the client to take its answer */
	COR_REQUEST_HOLDING, /* its thread: all others there wait for it */
};

/** Texts have their NUL. */
struct cor_request_row {
	int64_t began_ns; /* monotonic; of one that holds its thread: since then */
	uint32_t state;   /* enum cor_request_state */
	uint32_t thread;
	uint64_t figures;                        /* its row on the board; 0: unknown */
	char handler[COR_REQUEST_HANDLER_BYTES]; /* "" if not even that is known */
	char waits_in[COR_REQUEST_CALL_BYTES];   /* the function that waits; "": none does */
	char peer[COR_REQUEST_PEER_BYTES];       /* "": unknown */
	char id[COR_REQUEST_LABEL_BYTES];        /* "": it has none yet */
};

/** Of a worker, at that moment. */
struct cor_worker_sums {
	uint64_t idle, receiving, busy, ending; /* connections, by what they wait for */
	uint64_t fibers;
	uint64_t memory_bytes; /* of requests in flight */
};

struct cor_request_list {
	struct cor_worker_sums sums;
	uint32_t len;
	uint32_t more;                                        /* that found no place */
	struct cor_request_row rows[COR_REQUESTS_LISTED_MAX]; /* the oldest first */
};
_Static_assert(sizeof(struct cor_request_list) % sizeof(uint64_t) == 0, "whole words");

struct cor_desk {
	struct cor_doorbell bell;
	_Atomic uint32_t answered; /* the ring that the list is younger than */
	_Atomic int32_t pid;
	struct cor_snapshot snapshot;
	uint64_t room[COR_SNAPSHOT_WORDS(struct cor_request_list)];
};

struct cor_desks {
	struct cor_desk items[COR_DESKS];
};

/** Put a row in its place among the oldest ones. */
void cor_request_list_add(struct cor_request_list *list, const struct cor_request_row *row);

/** Add `part` to `sum`. */
void cor_worker_sums_add(struct cor_worker_sums *sum, const struct cor_worker_sums *part);

/** Answer the ring of that number. */
void cor_desk_answer(struct cor_desk *desk, uint32_t ring, const struct cor_request_list *list);

/** Whether that ring has been answered. */
bool cor_desk_has_answered(const struct cor_desk *desk, uint32_t ring);

/** Read the list. */
void cor_desk_read(const struct cor_desk *desk, struct cor_request_list *ret);

#endif
