/* SPDX-License-Identifier: MIT */
/**
 * What peers do to a service, and what they must hear from it, each at its instant.
 *
 *     static const struct act acts[] = {
 *             { MS(0), CONNECT, 0 },
 *             { MS(0), SEND, 0, "GET /nap?ms=7 HTTP/1.1\r\nHost: a\r\n\r\n" },
 *             { MS(7), HEAR, 0, "HTTP/1.1 200 OK\r\n..." },
 *     };
 *     script_play(&stage, acts, COUNT(acts));
 *
 * Acts are listed in the order of their instants. One nanosecond before each instant, and once it
 * is over, no peer may have heard anything that is not in the script; else the test fails and names
 * the instant and the peer.
 */
#ifndef TESTS_SIMULATION_SCRIPT_H
#define TESTS_SIMULATION_SCRIPT_H

#include "stage.h"

#define PEERS_MAX 4000

/** An instant, counted from the beginning of the world. */
#define MS(ms) (COR_NS_PER_S + (ms)*INT64_C(1000000))

enum act_kind {
	/* what a peer does */
	CONNECT,
	SEND,       /* text */
	HALF_CLOSE, /* sends no more, but still listens */
	CLOSE,
	RESET,
	DEAFEN, /* reads nothing from now on; its connection must not end */
	SIP,    /* reads once, as many bytes as text says */
	UNPLUG, /* reads again */
	/* what happens to the service */
	DRAIN,
	/* what a peer hears */
	HEAR,       /* exactly this text, with the {date} of the instant. NULL: any */
	HEAR_END,   /* the service has ended the connection; the peer closes its end, too */
	HEAR_RESET, /* the service has reset the connection */
};

struct act {
	int64_t at_ns;
	enum act_kind kind;
	int peer; /* the script's own numbers, from 0 */
	const char *text;
};

/** Play the script. Peers that are still connected stay connected. */
void script_play(struct stage *stage, const struct act *acts, size_t len);

/** `text` with {date} filled in for `at_ns`; the caller frees it. */
char *script_date(const char *text, int64_t at_ns);

#endif
