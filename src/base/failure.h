/* SPDX-License-Identifier: MIT */
/** What went wrong at the start of a process, in words: a code cannot name the user or file. */
#ifndef CORACLE_BASE_FAILURE_H
#define CORACLE_BASE_FAILURE_H

#include <coracle/api.h>

/** The sentence: what went wrong and what to do about it. Set where a function says so. */
struct cor_start_failure {
	char text[512];
};

/** Set it, cut to its size; returns the code, so that a function can fail in one statement. */
int cor_failure_set(struct cor_start_failure *ret, int code, const char *format, ...)
	COR_PRINTF(3, 4);

#endif
