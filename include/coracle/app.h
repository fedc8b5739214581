/* SPDX-License-Identifier: MIT */
/** The whole program of a service. */
#ifndef CORACLE_APP_H
#define CORACLE_APP_H

#include <coracle/api.h>
#include <coracle/service.h>

COR_BEGIN_DECLS

/**
 * Read the configuration (defaults, file, environment, flags), start the service, serve until TERM or INT, drain, stop.
 *
 * `--help` lists every option; `--check` validates the configuration and the service's tables and ends.
 * The first TERM or INT drains within the limit, a second one stops at once; in the start or stop hook, which cannot be
 * interrupted, the program ends by the signal, and so it does where a fiber does not end although it is cancelled. Blocks; call it from main, before any thread is started, once: TERM and
 * INT stay blocked afterwards and PIPE ignored. What is wrong is said on standard error.
 *
 * Returns the exit status for main: 0; 64 (wrong use of the command line); 78 (wrong configuration or tables);
 * 71 (the system refused: address in use, no memory); 70 (the start hook failed).
 */
COR_API int cor_main(int argc, char **argv, const struct cor_service *service) COR_CHECKED;

COR_END_DECLS
#endif
