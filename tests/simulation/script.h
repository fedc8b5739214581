/* SPDX-License-Identifier: MIT */
/**
 * What peers do to a service and what they must hear from it, each act at its instant.
 *
 *     static const struct act acts[] = {
 *             { MS(0), CONNECT, 0 },
 *             { MS(0), SEND, 0, "GET /nap?ms=7 HTTP/1.1\r\nHost: a\r\n\r\n" },
 *             { MS(7), HEAR, 0, "HTTP/1.1 200 OK\r\n..." },
 *     };
 *     script_play(&stage, acts, COUNT(acts));
 *
 * The acts stand in the order of their instants. One nanosecond before each instant, and at the end
 * of each, no peer has heard anything but what the script says: the test fails, and tells the
 * instant and the peer.
 */
#ifndef TESTS_SIMULATION_SCRIPT_H
#define TESTS_SIMULATION_SCRIPT_H

#include "stage.h"

#define PEERS_MAX 4000

/** An instant, after the beginning of the world. */
#define MS(ms) (COR_NS_PER_S + (ms)*INT64_C(1000000))

enum act_kind {
	/* what a peer does */
	CONNECT,
	SEND,       /* text */
	HALF_CLOSE, /* sends no more, and still listens */
	CLOSE,
	RESET,
	DEAFEN, /* takes nothing from now on; what comes is no surprise */
	UNPLUG, /* deaf no longer */
	/* what the service is told */
	DRAIN,
	/* what a peer hears */
	HEAR,     /* text, where {date} is that of the instant; nothing else has come. NULL: any */
	HEAR_END, /* the service has ended the connection; the peer closes it, too */
	HEAR_RESET, /* the service has reset it */
};

struct act {
	int64_t at_ns;
	enum act_kind kind;
	int peer; /* numbers of the script's own, from 0 */
	const char *text;
};

/** Play it; peers that are connected still stay so. */
void script_play(struct stage *stage, const struct act *acts, size_t len);

/** `text` with {date} as it is at `at_ns`; the caller frees it. */
char *script_date(const char *text, int64_t at_ns);

#endif
