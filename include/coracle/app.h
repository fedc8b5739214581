/* SPDX-License-Identifier: MIT */
/** The whole program of a service. */
#ifndef CORACLE_APP_H
#define CORACLE_APP_H

#include <coracle/api.h>
#include <coracle/service.h>

COR_BEGIN_DECLS

/**
 * Run a service: read the configuration (defaults, file, environment, flags), start, serve, drain
 * and stop.
 *
 * `--help` lists every option; `--check` validates the configuration and the service's tables and
 * exits. The first TERM, INT or HUP drains within the limit; a second one, or QUIT, stops
 * immediately. A signal during the start or stop hook, which cannot be interrupted, ends the
 * program by that signal; so does a cancelled fiber that does not end. USR1 and USR2 only leave a
 * line in the log.
 *
 * With `--processes` it is the master of workers, which are started as the same program: main runs
 * in each of them, up to cor_main(). docs/production.md says what signals mean then.
 *
 * Blocks. Call it once, from main, before any thread is started. Standard descriptors that are
 * closed are opened on /dev/null. These signals stay blocked afterwards; PIPE, XFSZ and other
 * strays that nobody handles stay ignored. Errors are reported on standard error.
 *
 * Returns the exit status for main: 0; 64 (wrong use of the command line); 70 (the start hook
 * failed); 71 (the system refused: address in use, no memory); 75 (stopped, but requests in
 * progress were cut); 78 (wrong configuration or tables).
 */
COR_API int cor_main(int argc, char **argv, const struct cor_service *service) COR_CHECKED;

/** How libcoracle-testing runs a service inside of a test's process: of no use to others. */
struct cor_inside_calls;
extern COR_API const struct cor_inside_calls cor_inside_calls;

COR_END_DECLS
#endif
