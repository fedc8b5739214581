/* SPDX-License-Identifier: MIT */
/** What a service serves, for tools: --print-routes. Private to the app folder. */
#ifndef CORACLE_APP_ROUTES_H
#define CORACLE_APP_ROUTES_H

#include "base/buffer.h"

struct cor_setup;

/**
 * Append the operations of the service and of all that are mounted in it, and its static files, as
 * JSON: docs/command.md has the members. Operations that documents leave out are there, too. Never
 * yields; errors go into the buffer.
 */
void cor_routes_write(const struct cor_setup *setup, struct cor_buffer *buffer);

#endif
