/* SPDX-License-Identifier: MIT */
/** What an exchange is doing, for people. */
#ifndef CORACLE_HTTP1_PROGRESS_H
#define CORACLE_HTTP1_PROGRESS_H

#include "connection/progress.h"
#include "connection/protocol.h"

/** The protocol's .describe. */
void cor_http1_describe(const struct cor_protocol *self, const struct cor_connection *connection,
	struct cor_progress *ret);

#endif
