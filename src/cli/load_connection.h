/* SPDX-License-Identifier: MIT */
/** A connection of a load: it sends the request, and reads answers. Private to cli/load.c. */
#ifndef CORACLE_CLI_LOAD_CONNECTION_H
#define CORACLE_CLI_LOAD_CONNECTION_H

#include "http/answer_parser.h"
#include "http/chunked.h"
#include "runtime/reactor.h"
#include "runtime/scheduler.h"

#define COR_LOAD_READ_BYTES 65536 /* more than any head has */

enum cor_load_state {
	COR_LOAD_CLOSED,     /* to be opened again by the next tick */
	COR_LOAD_CONNECTING, /* a request may wait for it: due_ns */
	COR_LOAD_FREE,
	COR_LOAD_SENDING,
	COR_LOAD_HEAD, /* of the answer is awaited */
	COR_LOAD_BODY,
};

struct cor_load_run;

struct cor_load_connection {
	struct cor_watch watch;
	struct cor_load_run *run;
	struct cor_load_connection *next_free;
	enum cor_load_state state;
	bool is_writing;   /* it is watched for that */
	int64_t due_ns;    /* of its request */
	int64_t free_ns;   /* since when it had none */
	size_t sent;       /* of the request */
	size_t len;        /* of bytes: a head that is not whole */
	int64_t body_left; /* of a body whose length is known */
	struct cor_chunked chunked;
	struct cor_answer_parser parser;
	char bytes[COR_LOAD_READ_BYTES];
};

/** Begin to connect. Returns 0 or a code. */
int cor_load_connect(struct cor_load_connection *connection);

/** Send the request that was due then. */
void cor_load_send(struct cor_load_connection *connection, int64_t due_ns);

/** Close it; whatever it waited for is dropped. */
void cor_load_close(struct cor_load_connection *connection);

#endif
