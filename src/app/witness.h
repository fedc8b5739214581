/* SPDX-License-Identifier: MIT */
/**
 * A thread of a worker that says which requests are in flight when the control process rings, and
 * sleeps otherwise. It asks each thread that serves; of one that does not answer it says how long
 * it has been held, and by which request. Private to the app folder.
 */
#ifndef CORACLE_APP_WITNESS_H
#define CORACLE_APP_WITNESS_H

#include "app/program.h"

struct cor_server;

/**
 * Begin, for a server that has been started. Without a control process nothing runs: nobody would
 * ask. Returns 0, -ENOMEM, as cor_segment_region(), or the errno of pthread_create.
 */
int cor_witness_start(struct cor_program *program, struct cor_server *server) COR_CHECKED;

/** Before the server is destroyed. Does nothing if it has not been started. */
void cor_witness_stop(struct cor_program *program);

/** Free it, after that. */
void cor_witness_destroy(struct cor_witness *witness);

#endif
