/* SPDX-License-Identifier: MIT */
/** The log lines of the server: one for each answer, and one for each refusal of the protocol. */
#ifndef CORACLE_SERVER_ACCESS_H
#define CORACLE_SERVER_ACCESS_H

struct cor_connection;
struct cor_http1_exchange;

/** A request was answered, or cut. */
void cor_server_log_access(struct cor_http1_exchange *h);

/** Bytes were refused before they became a request. */
void cor_server_log_refusal(struct cor_connection *c, int status, const char *reason);

#endif
