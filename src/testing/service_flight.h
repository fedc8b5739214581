/* SPDX-License-Identifier: MIT */
/**
 * A request on its way through the world of a test: its connection, and what has come of the
 * answer. Private to the testing folder.
 *
 * Life: made -> connected -> (sent) -> head -> whole, or broken; ended with its service at last.
 */
#ifndef CORACLE_TESTING_SERVICE_FLIGHT_H
#define CORACLE_TESTING_SERVICE_FLIGHT_H

#include "base/buffer.h"
#include "http/answer_parser.h"
#include "http/chunked.h"
#include "testing/service.h"

struct cor_test_talk;

struct cor_test_flight {
	struct cor_test_flight *next;
	struct cor_test_service *service;
	struct cor_test_request request; /* what it points to is the test's */
	const char *file;
	int line;
	const char *name; /* "GET /books/7" */
	int socket;       /* -1: none */
	enum { COR_TEST_HEAD = 0, COR_TEST_BODY, COR_TEST_WHOLE, COR_TEST_BROKEN } state;
	bool is_over;      /* the test has its answer, or has left */
	const char *fault; /* what came of it, other than an answer; NULL: nothing of that kind */

	struct cor_buffer received; /* that was not looked at */
	struct cor_answer_parser parser;
	struct cor_chunked chunked;
	int64_t left; /* of a body with a length */
	struct cor_http_field *headers;
	struct cor_buffer body; /* as it was sent, without chunks; NUL behind it when it is whole */
	size_t taken;           /* of it, by the client above, or by cor_test_read() */
	struct cor_test_talk
		*talk; /* of a WebSocket: .body is what is read of it; NULL: it is none */
	bool has_switched;
	int64_t began_ns, ended_ns;
	uint64_t moved; /* bytes, in both directions */
};

/** Make one. Ends the test where there is no memory. */
struct cor_test_flight *cor_test_flight_make(struct cor_test_service *service, const char *file,
	int line, const struct cor_test_request *request);

/** "GET /books/7" */
const char *cor_test_flight_name(const struct cor_test_flight *flight);

/** Connect it, for a method: of HEAD there is no body. Returns 0 or a code. */
int cor_test_flight_connect(struct cor_test_flight *flight, struct cor_str method);

/** Send all of it, in the time that the service takes. Returns 0, or -EPIPE with its fault. */
int cor_test_flight_send(struct cor_test_flight *flight, const void *data, size_t len);

enum cor_test_progress {
	COR_TEST_HAS_HEAD,
	COR_TEST_HAS_MORE, /* of the body than was taken, or all of it */
	COR_TEST_HAS_ALL,
};

/** Take in what has come, without letting anything happen. */
bool cor_test_flight_has(struct cor_test_flight *flight, enum cor_test_progress progress);

/** Wait for it. Returns 0, or -EPIPE with its fault. */
int cor_test_flight_await(struct cor_test_flight *flight, enum cor_test_progress progress);

/** Close its connection, and let the service see that. */
void cor_test_flight_close(struct cor_test_flight *flight);

/** At the end of the test: those that were never finished fail it. */
void cor_test_flights_end(struct cor_test_service *service);

#endif
