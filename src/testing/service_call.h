/* SPDX-License-Identifier: MIT */
/**
 * Who calls the service of a test: the HTTP client of the library, whose carrier goes through the
 * test's world. So a struct is written and read by its table once, in a service that calls another
 * one and in the test of that one. Private to the testing folder.
 */
#ifndef CORACLE_TESTING_SERVICE_CALL_H
#define CORACLE_TESTING_SERVICE_CALL_H

#include "client/carrier.h"
#include "testing/service_flight.h"

/** A ctx that has the schemas of a call, and an upstream that is the service. */
struct cor_test_caller {
	struct cor_carrier carrier;
	struct cor_test_caller *next;
	struct cor_test_service *service;
	const struct cor_schema *schemas[3]; /* in and out; NULL at the end */
	struct cor_upstream upstream;
	const struct cor_upstream *upstreams[2];
	struct cor_service client;
	struct cor_ctx *ctx;
	/* of the call that is made */
	struct cor_test_flight *flight;
	enum {
		COR_TEST_WHOLE_CALL = 0,
		COR_TEST_FIRST_HALF, /* the request is sent, and nothing is waited for */
		COR_TEST_SECOND_HALF /* the answer to one that was sent */
	} half;
};

/**
 * Make the call of a flight, or a half of it. Returns as cor_http_call(); the first half has always
 * failed. *ret_text says why a call has failed, other than the flight's fault.
 */
int cor_test_caller_call(struct cor_test_flight *flight, int half, const char **ret_text);

/** Free all of them. */
void cor_test_callers_end(struct cor_test_service *service);

/** What the service is called by; `state` of the client is the caller. */
extern const struct cor_carrier cor_test_carrier;

#endif
