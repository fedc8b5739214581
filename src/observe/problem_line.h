/* SPDX-License-Identifier: MIT */
/** The log line of a problem: what the client is told, and what it is not. */
#ifndef CORACLE_OBSERVE_PROBLEM_LINE_H
#define CORACLE_OBSERVE_PROBLEM_LINE_H

#include <coracle/log.h>
#include <coracle/str.h>

/**
 * Log the problem that is recorded in ctx, if the level is on. `who` is the operation's name, or
 * the path where there is none; long texts are cut. `sent` is the status whose answer the problem
 * breaks off; 0 if the problem itself is the answer. Never yields.
 */
void cor_problem_log(
	struct cor_ctx *ctx, enum cor_log_level level, struct cor_str who, uint16_t sent);

#endif
