/* SPDX-License-Identifier: MIT */
/**
 * The simulated service: examples/hello as it is, and operations that take time.
 *
 *     GET /hello?name=NAME    the example
 *     GET /nap?ms=N           sleeps, then "rested"
 *     PUT /weight             reads its body as slowly as it arrives, then says how long it was
 *     GET /count?to=N         writes a line every COUNT_MS
 *     GET /large?bytes=N      answers with N times "x"
 */
#ifndef TESTS_SIMULATION_SERVICE_H
#define TESTS_SIMULATION_SERVICE_H

#include <coracle/service.h>

#define COUNT_MS 10

/** The example's. */
const struct cor_service *hello_service(void);

/** The other resources, NULL at the end. */
extern const struct cor_resource *const slow_resources[];

#endif
