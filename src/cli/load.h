/* SPDX-License-Identifier: MIT */
/**
 * Load: one request, again and again, over several connections of HTTP/1.1, by one thread.
 *
 * Without a rate each connection asks again once it is answered. With one, requests are due at
 * equal distances, whatever the service does, and each is counted from when it was due: one that
 * had to wait for a free connection has waited. So a service that stands still for a second shows
 * it in all requests of that second, and not in as many as there are connections.
 */
#ifndef CORACLE_CLI_LOAD_H
#define CORACLE_CLI_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/str.h>

#include "cli/latencies.h"

#define COR_LOAD_CONNECTIONS_MAX 4096
#define COR_LOAD_STATUSES        600
#define COR_LOAD_SHOWN_BYTES     512

struct cor_load {
	const char *address;    /* as <coracle/net.h> has it */
	struct cor_str request; /* all of its bytes */
	bool is_head;           /* so that answers have no body */
	uint32_t connections;
	double rate_per_s; /* 0: as fast as it is answered */
	double seconds;
	int64_t patience_ms; /* for answers that are missing at the end */
};

struct cor_load_result {
	struct cor_latencies latencies;
	double seconds;
	uint64_t answers; /* within these seconds */
	uint64_t statuses[COR_LOAD_STATUSES];
	uint64_t bytes;   /* received within these seconds */
	uint64_t late;    /* requests that found no free connection when they were due */
	uint64_t behind;  /* that were sent a millisecond late, with a connection free */
	uint64_t errors;  /* connections refused or cut, answers that are none, or never came */
	uint64_t missing; /* those that never came, of these errors */
	double own_cpu;   /* how much of the time this thread had a processor: 1 is all of it */
	double own_busy;  /* the same, and when it waited for one */
	int first_error;  /* a code; 0: there is none */
	int other_status; /* the first one that was no 2xx; 0: there is none */
	char other[COR_LOAD_SHOWN_BYTES + 1]; /* the beginning of that answer's body */
};

/**
 * Run it, and wait until it is over: for load->seconds, and for what is missing then. Fills
 * *ret, which is large. Returns 0, -ENOMEM, -EINVAL (the address is none), -EMFILE, -ENFILE.
 */
int cor_load_run(const struct cor_load *load, struct cor_load_result *ret);

/* --- what connections tell: private to cli/load_connection.c --- */

struct cor_load_connection;

/** The connection is open, or its answer is whole: it may have another request. */
void cor_load_is_free(struct cor_load_connection *connection);

/** An answer is whole, of a status; `keeps` says whether the connection may be used again. */
void cor_load_answered(struct cor_load_connection *connection, bool keeps);

/** It is closed: a request that it had is lost. */
void cor_load_failed(struct cor_load_connection *connection, int code);

/** Bytes have come; of a body, too, of the answer in parser.status. */
void cor_load_received(struct cor_load_connection *connection, size_t len);
void cor_load_body(struct cor_load_connection *connection, const char *data, size_t len);

#endif
