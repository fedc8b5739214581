/* SPDX-License-Identifier: MIT */
/**
 * Certificates are renewed, or expire, and somebody must be told in time. Private to the app
 * folder.
 */
#ifndef CORACLE_APP_CERTIFICATES_H
#define CORACLE_APP_CERTIFICATES_H

#include "app/program.h"

struct cor_server;

/**
 * Look after the certificates on a fiber of the first thread, until the server ends. Files that
 * have changed are read again, and new connections get what they say; what cannot be used is told,
 * and tried again. A worker that may not read them asks for a successor. Each day the expiry of
 * each is looked at: a warning comes two weeks before, and the figures say when it is. Does nothing
 * without TLS. Returns 0, -ENOMEM or -COR_ENOSTACK.
 */
int cor_certificates_watch(struct cor_program *program, struct cor_server *server) COR_CHECKED;

#endif
