/* SPDX-License-Identifier: MIT */
/**
 * What is simulated: examples/hello as it stands, and beside it operations that take their time.
 *
 *     GET /hello?name=NAME    the example
 *     GET /nap?ms=N           sleeps, then "rested"
 *     PUT /weight             reads its body as slowly as it comes, then says how many bytes it had
 *     GET /count?to=N         writes a line every COUNT_MS
 *     GET /large?bytes=N      so many x
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
