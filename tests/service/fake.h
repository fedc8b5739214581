/* SPDX-License-Identifier: MIT */
/** An exchange without a server: the request is given as text, the reply is recorded. */
#ifndef TESTS_SERVICE_FAKE_H
#define TESTS_SERVICE_FAKE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "exchange/exchange.h"
#include "service/dispatcher.h"

#define FAKE_FIELDS 32

/** A request: headers are "Name: value" lines, each ended by a newline. */
struct fake_request {
	const char *method; /* NULL: GET */
	const char *target; /* path and query */
	const char *headers;
	struct cor_str body; /* data NULL: none */
	bool chunked;
	size_t piece_bytes;  /* of the body at once; 0: few */
	size_t memory_bytes; /* for the request; 0: plenty */
	const char *client;  /* its address; NULL: nothing is known of it */
};

struct fake_reply {
	int replies; /* must be 1 */
	uint16_t status;
	char route[64];
	char content_type[128];
	char headers[2048]; /* "name: value\n" lines in the reply's order */
	struct cor_buffer body;
	bool started; /* as a stream */
	bool broken;
	int flushes;
	struct cor_problem problem; /* as recorded; its pointers are dangling */
};

/** Make a dispatcher for a service, which must be free of contradictions. */
struct cor_dispatcher *fake_dispatcher(const struct cor_service *service);

/** The same with open caches, which outlive it. NULL: it has none. */
struct cor_dispatcher *fake_dispatcher_with(
	const struct cor_service *service, struct cor_caches *caches);

/**
 * Serve one request. The reply is valid until the next call with the same struct, or fake_finish().
 */
void fake_serve(struct cor_dispatcher *dispatcher, const struct fake_request *request,
	struct fake_reply *reply);

void fake_finish(struct fake_reply *reply);

/** The reply's body, NUL-terminated. */
const char *fake_body(const struct fake_reply *reply);

/** Serve and compare status and (unless NULL) body. */
void fake_expect(struct cor_dispatcher *dispatcher, const struct fake_request *request, int status,
	const char *body);

#endif
