/* SPDX-License-Identifier: MIT */
/**
 * The simulated service: examples/hello as it is, and operations that take time.
 *
 *     GET /hello?name=NAME    the example
 *     GET /nap?ms=N           sleeps, then "rested"
 *     GET /watch?ms=N         the same in three children, unless its client closes meanwhile
 *     PUT /weight             reads its body as slowly as it arrives, then says how long it was
 *     GET /count?to=N         writes a line every COUNT_MS
 *     GET /large?bytes=N      answers with N times "x"
 *     GET /toil?after=N&ms=N  sleeps, then holds its thread for so long, then "done"
 *     GET /events?ms=N        an event, and another after so long
 *     GET /talk               a WebSocket that says everything again
 *     GET /talk/briefly       the same, for clients that say something every QUIET_MS
 *     GET /brief?ms=N         the same, but it may take BRIEF_MS at most
 */
#ifndef TESTS_SIMULATION_SERVICE_H
#define TESTS_SIMULATION_SERVICE_H

#include <coracle/service.h>

#define COUNT_MS 10
#define BRIEF_MS 1200
#define QUIET_MS 30000

/** Where the time of /toil passes. */
extern struct cor_world *toil_world;
/** What happens meanwhile; NULL: nothing. */
extern void (*toil_meanwhile)(void);

/** The example's. */
const struct cor_service *hello_service(void);

/** The other resources, NULL at the end. */
extern const struct cor_resource *const slow_resources[];

#endif
