/* SPDX-License-Identifier: MIT */
/**
 * The service inside of a test: a world, the service in it, and who calls it. Private to the
 * testing folder.
 *
 * Life: absent -> said (cor_test_use(), scripts) -> running (the first thing that needs it) ->
 * ended, which is deferred to the end of the test.
 */
#ifndef CORACLE_TESTING_SERVICE_H
#define CORACLE_TESTING_SERVICE_H

#include <sys/types.h>

#include <coracle/arena.h>
#include <coracle/test_service.h>

#include "app/inside.h"
#include "world/world.h"

struct cor_cookie_jar;
struct cor_test_caller;
struct cor_test_flight;
struct cor_test_goal;

/* Where it listens in its world, and what its clients call it. */
#define COR_TEST_ADDRESS "127.0.0.1:80"
#define COR_TEST_HOST    "localhost"

struct cor_test_service {
	struct cor_test *t;
	pid_t process; /* a child of fork() has no use of it */
	struct cor_test_setup setup;
	struct cor_arena arena; /* what lives as long as the test */
	struct cor_script *script;
	int log; /* a file in memory */
	char *log_text;

	/* while it runs */
	struct cor_world *world;
	struct cor_seams seams;
	struct cor_inside *inside; /* NULL: it does not run */
	int64_t began_ns;
	size_t fibers;                         /* its own, which are there without a request */
	int64_t held_ns;                       /* the longest so far */
	const struct cor_test_flight *held_by; /* the newest on its way then */
	const struct cor_test_goal *goal;      /* of the turns that are being made */
	bool is_passing; /* time is let pass by hand: jobs are not waited for */
	bool has_ended;  /* its loop has */

	struct cor_test_caller *callers;
	struct cor_cookie_jar *jar;
	struct cor_test_flight *flights; /* the newest first */
};

/** What the test has, not running yet. Ends the test where there is no memory or no service. */
struct cor_test_service *cor_test_service_said(struct cor_test *t);

/** The same, running. Ends the test if it does not start. */
struct cor_test_service *cor_test_service_of(struct cor_test *t);

/** The same, for what the test asks for here. */
struct cor_test_service *cor_test_service_at(struct cor_test *t, const char *file, int line);

/** How long a test waits: of its settings. */
int64_t cor_test_patience_ms(const struct cor_test_service *service);

#endif
