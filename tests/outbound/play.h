/* SPDX-License-Identifier: MIT */
/**
 * A call of the plain carrier in a world, to servers that the test plays.
 *
 *     struct play *play = play_begin();
 *     struct call call = { .play = play, .method = "GET" };
 *     call_start(&call);
 *     int peer = play_accept(play);
 *     play_send(play, peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
 *     ... call.outcome is "200 hello" ...
 */
#ifndef TESTS_OUTBOUND_PLAY_H
#define TESTS_OUTBOUND_PLAY_H

#include "../runtime/loop.h"
#include "client/carrier.h"
#include "resolver/resolver.h"
#include "world/turns.h"

#define SERVER         "10.0.0.1:80"
#define OUTCOME_BYTES  (96 * 1024)
#define RECEIVED_BYTES (96 * 1024)

/** The world's names. */
struct names {
	struct cor_lookup lookup;
	const char *addresses; /* of every name: "2001:db8::1 10.0.0.1"; NULL: no name exists */
};

struct play {
	struct cor_world *world;
	struct cor_scheduler *scheduler;
	struct cor_seams seams;
	struct names names;
	struct cor_resolver *resolver;
	void *state;  /* of the carrier */
	int listener; /* at SERVER */
	char received[RECEIVED_BYTES];
};

struct play *play_begin(void);

/** Ends the program if a socket is left. Calls have ended. */
void play_end(struct play *play);

struct call {
	struct play *play;
	/* what is asked; zero: GET of "/" at SERVER, without a body */
	const char *method;
	const char *host;
	uint16_t port;
	const char *unix_path;
	const struct cor_http_field *fields;
	size_t fields_len;
	const char *body; /* sent in pieces of piece_bytes (0: whole) */
	size_t body_len;  /* 0: that of the text */
	size_t piece_bytes;
	int64_t body_bytes;     /* 0: the length of the body, or none */
	size_t buffer_bytes;    /* for each receive(); 0: 4096 */
	int64_t timeout_ms;     /* 0: none */
	uint32_t kept, kept_ms; /* as of the request */
	bool keeps_open;        /* the body is not read */
	bool is_counted;        /* the outcome has the length of the body in its place */
	/* what came of it */
	bool is_over;
	int code;
	enum cor_failure failure;
	bool is_reused, has_answer, was_cut;
	int64_t body_announced;
	size_t body_received;
	int64_t ended_ns;
	char outcome[OUTCOME_BYTES];         /* "200 hello", "lost: ..." */
	char fields_text[OUTCOME_BYTES / 2]; /* "A: b|C: d|" */
};

/** Do it, here: in a fiber, or outside. */
void call_do(struct call *call);

/** Start a fiber that does, and let what can happen happen. */
void call_start(struct call *call);

/** Whoever has connected to SERVER; fails the test if nobody has. */
int play_accept(struct play *play);

/** Send all of it, as fast as it is taken, and let what can happen happen. */
void play_send(struct play *play, int peer, const char *text);
void play_send_bytes(struct play *play, int peer, const void *data, size_t len);

/** What has come from a call; "" if nothing has. */
const char *play_receive(struct play *play, int peer);

void play_settle(struct play *play);

/** Let time pass, with each timer at its own nanosecond. */
void play_pass_ms(struct play *play, int64_t ms);

#endif
