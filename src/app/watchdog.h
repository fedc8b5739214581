/* SPDX-License-Identifier: MIT */
/**
 * A thread of a worker that watches it: it runs only if a setting asks for it, so that the threads
 * that serve have nothing to do with it.
 *
 * It tells the master when the worker wants a successor: one of its limits is reached, or a request
 * holds a thread for too long. For a master that adapts the number of workers it publishes how busy
 * the threads are. Private to the app folder.
 */
#ifndef CORACLE_APP_WATCHDOG_H
#define CORACLE_APP_WATCHDOG_H

#include <pthread.h>
#include <stdbool.h>

#include <coracle/api.h>

#include "app/harakiri.h"
#include "app/retirement.h"

struct cor_load;
struct cor_logger;
struct cor_server;
struct cor_siblings;

struct cor_watchdog_options {
	const struct cor_master_settings *settings;
	const struct cor_server *server;
	uint32_t threads;              /* of the server */
	struct cor_load *load;         /* where it writes how busy the threads are; NULL: nowhere */
	struct cor_siblings *siblings; /* whom the server hands clients to */
	struct cor_logger *logger;     /* for any thread */
	int channel;                   /* to the master */
};

struct cor_watchdog {
	struct cor_watchdog_options options;
	struct cor_retirement retirement;
	struct cor_harakiri harakiri;
	pthread_t thread;
	int end[2]; /* a pipe: closed for writing, the thread ends */
	bool runs;
	bool has_retired; /* it has said so */
};

/**
 * Begin to watch a server that has been started. Does nothing if no setting
 * asks for it. Returns 0 or the negative errno of what it could not open; nothing runs then.
 */
int cor_watchdog_start(
	struct cor_watchdog *watchdog, const struct cor_watchdog_options *options) COR_CHECKED;

/** Before the server is destroyed. Does nothing if it was zeroed or does not run. */
void cor_watchdog_stop(struct cor_watchdog *watchdog);

#endif
