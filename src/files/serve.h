/* SPDX-License-Identifier: MIT */
/** The answers of static files. */
#ifndef CORACLE_FILES_SERVE_H
#define CORACLE_FILES_SERVE_H

#include "files/server.h"

struct cor_exchange;

/**
 * Answer a GET or HEAD of its path. Never yields; may wait for a disk. Returns 0, or a negative
 * code as a handler does.
 */
int cor_file_server_serve(const struct cor_file_server *server, struct cor_exchange *x) COR_CHECKED;

#endif
