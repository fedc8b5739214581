/* SPDX-License-Identifier: MIT */
/** A WebSocket as a client of a test has it. Private to the testing folder. */
#ifndef CORACLE_TESTING_SERVICE_WEBSOCKET_H
#define CORACLE_TESTING_SERVICE_WEBSOCKET_H

#include "testing/service_flight.h"
#include "websocket/frame.h"

/* The sample of RFC 6455 section 1.3: who proves what by it is no matter of a test's. */
#define COR_TEST_WEBSOCKET_HEAD                                                                    \
	"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"               \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

struct cor_test_talk {
	struct cor_frame_rules rules;
	struct cor_frame_reader reader;
	struct cor_buffer message;
	uint16_t close_code; /* that the service has sent; 0: it has not */
	bool has_closed;     /* the test has */
};

#endif
