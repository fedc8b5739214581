/* SPDX-License-Identifier: MIT */
/** Asks a control process, from a program that does nothing else meanwhile. */
#ifndef CORACLE_CONTROL_CLIENT_H
#define CORACLE_CONTROL_CLIENT_H

#include <coracle/arena.h>
#include <coracle/str.h>

#include "base/compiler.h"

struct cor_control_question {
	const char *address; /* as --control has it */
	const char *method;
	const char *path;
	struct cor_str json; /* the body; empty: none */
	int64_t timeout_ms;
};

struct cor_control_answer {
	int status;
	struct cor_str body; /* the arena's, with a NUL behind it */
};

/**
 * Ask, and wait for the answer. Returns 0, as cor_socket_connect(), -ENOMEM, -ETIMEDOUT, or
 * -EPROTO: somebody is there, but has gone before the whole of an answer was. Outside a fiber;
 * blocks.
 */
int cor_control_ask(const struct cor_control_question *question, struct cor_arena *arena,
	struct cor_control_answer *ret) COR_CHECKED;

#endif
