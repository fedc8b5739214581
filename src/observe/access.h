/* SPDX-License-Identifier: MIT */
/**
 * The access log: one line for each request that was answered, cut or refused.
 *
 * Query parameters named like secrets are masked; User-Agent is the only header that is ever
 * logged.
 */
#ifndef CORACLE_OBSERVE_ACCESS_H
#define CORACLE_OBSERVE_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/str.h>

struct cor_logger;

/**
 * What is empty, NULL or zero is left out: a refused request has only what was parsed. Everything
 * is borrowed for the call.
 */
struct cor_access_line {
	struct cor_str method;
	struct cor_str path;  /* as sent, without the query */
	struct cor_str query; /* as sent, without '?' */
	uint16_t status;
	uint64_t bytes;      /* of the body sent */
	int64_t duration_ns; /* from the head's last byte to the last byte handed to the system */
	int64_t waited_ns;   /* for its thread, before; shown from 10 ms on */
	const char *request_id;
	const char *peer;  /* address of the client */
	const char *proxy; /* that it has come through; NULL: none */
	const char *route; /* of the operation */
	struct cor_str user;
	struct cor_str user_agent;
	const char *reason; /* why it was refused or cut: logged with the access log off, too */
};

/**
 * Whether cor_access_log() would write a line for a request that was not refused: lets a caller
 * gather nothing.
 */
bool cor_access_wanted(const struct cor_logger *logger);

/** Write the line. logger may be NULL: nothing then. Never yields; any thread. */
void cor_access_log(struct cor_logger *logger, const struct cor_access_line *access);

#endif
