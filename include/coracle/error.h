/* SPDX-License-Identifier: MIT */
/**
 * Return codes.
 *
 * Every function that can fail returns 0 (or a count) on success and a negative code on failure:
 * a negative errno (-ETIMEDOUT), or a negative member of enum cor_error (-COR_EPROBLEM).
 * An HTTP status is never a return code.
 */
#ifndef CORACLE_ERROR_H
#define CORACLE_ERROR_H

#include <errno.h>
#include <stdint.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

enum cor_error {
	/** The answer is recorded in ctx: see cor_problem(). */
	COR_EPROBLEM = 5000,
	/** The text is not well-formed. */
	COR_ESYNTAX,
	/** It is well-formed, but breaks a rule of its table: see the violations. */
	COR_EINVALID,
	/** A size limit was exceeded. */
	COR_ETOOLARGE,
	/** A table of the program contradicts itself; or a schema is not among the codec's: list it
	 * in the service's .schemas. */
	COR_ETABLE,
	/** No fiber stack is free: the cap is reached. */
	COR_ENOSTACK,
	/** The peer closed the conversation, or the response head has already been sent. */
	COR_ECLOSED,
	/** The queue of an executor is full, and it refuses. */
	COR_EBUSY,
	/** The start of an executor's thread or process has failed: the log says why. */
	COR_EBROKEN,
	/** The process that ran a job has died in it: the problem says of what. */
	COR_EDIED,
	/** The process has threads already, or this is a fiber: too late to make processes. */
	COR_ETHREADS,
	/** The status of another server's answer is not 2xx: see client.h. */
	COR_ESTATUS,
	/** A call of another server was not tried: see client.h. */
	COR_EUNTRIED,
	/** A server has not proved by its certificate that it is the one that was meant. */
	COR_ECERTIFICATE,
};

/**
 * Ignore a return code on purpose: where a failure changes nothing, or shows elsewhere.
 *
 *     cor_ignore(cor_reply_flush(reply)); // the next write tells
 *
 * Most functions make the compiler warn if their code is ignored, and for GCC a cast to void does
 * not change that. Never yields; any thread.
 */
static inline void cor_ignore(int64_t code)
{
	(void)code;
}

/** A line of English for a code of either kind, positive or negative. Never yields; any thread. */
COR_API const char *cor_strerror(int code);

/**
 * The name of a code ("ETIMEDOUT", "COR_EPROBLEM"); "unknown" if it has none. Never yields; any
 * thread.
 */
COR_API const char *cor_errname(int code);

COR_END_DECLS
#endif
