/* SPDX-License-Identifier: MIT */
/** Requests of a test, and whether their answers are wanted. Private to the testing folder. */
#ifndef CORACLE_TESTING_SERVICE_EXCHANGE_H
#define CORACLE_TESTING_SERVICE_EXCHANGE_H

#include "testing/service_flight.h"

/** Send a request, and let happen what needs no time; `talk` is a WebSocket's. Ends the test. */
struct cor_test_flight *cor_test_begin(struct cor_test_service *service, const char *file, int line,
	const struct cor_test_request *request, struct cor_test_talk *talk);

/** End the test, where the request was made. */
_Noreturn void cor_test_flight_fail(const struct cor_test_flight *flight, const char *format, ...)
	COR_PRINTF(2, 3);

#endif
