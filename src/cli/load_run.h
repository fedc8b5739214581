/* SPDX-License-Identifier: MIT */
/** A load while it runs. Private to cli/load.c and cli/load_connection.c. */
#ifndef CORACLE_CLI_LOAD_RUN_H
#define CORACLE_CLI_LOAD_RUN_H

#include "cli/load.h"
#include "cli/load_connection.h"
#include "runtime/address.h"

struct cor_load_run {
	const struct cor_load *load;
	struct cor_load_result *result;
	struct cor_scheduler *scheduler;
	struct cor_address address;
	struct cor_timer tick;
	struct cor_load_connection *connections;
	struct cor_load_connection *free; /* the one that was free last comes first */
	int64_t begun_ns, end_ns;
	int64_t next_ns;                   /* when the next request is due, with a rate */
	uint64_t due;                      /* requests that were due so far */
	uint64_t waiting;                  /* for answers */
	int64_t connect_ns;                /* when closed connections are opened again */
	struct cor_load_connection *shown; /* whose body is kept, as the first that is no 2xx */
	size_t shown_len;
};

#endif
