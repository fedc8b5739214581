/* SPDX-License-Identifier: MIT */
/** Certificates expire, and somebody must be told in time. Private to the app folder. */
#ifndef CORACLE_APP_CERTIFICATES_H
#define CORACLE_APP_CERTIFICATES_H

#include "app/program.h"

struct cor_server;

/**
 * Look at the certificates now and each day, on a fiber of the first thread, until the server ends:
 * warn two weeks before one expires, and tell the figures when that is. Does nothing without TLS.
 * Returns 0, -ENOMEM or -COR_ENOSTACK.
 */
int cor_certificates_watch(struct cor_program *program, struct cor_server *server) COR_CHECKED;

#endif
