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
	COR_EPROBLEM = 5000, /* the answer is recorded in ctx: see cor_problem() */
	COR_ESYNTAX,         /* the text is not well-formed */
	COR_EINVALID, /* the text is well-formed, but breaks a rule of its table: see the violations */
	COR_ETOOLARGE, /* a size limit was exceeded */
	COR_ETABLE,    /* a table of the program contradicts itself */
	COR_ENOSTACK,  /* no fiber stack is to be had: the cap is reached */
	COR_ECLOSED, /* it is over: the other side ended the conversation, or the head has been sent */
};

/**
 * Ignore a return code, on purpose: where a failure changes nothing, or is seen elsewhere.
 *
 *     cor_ignore(cor_reply_flush(reply)); // the next write tells
 *
 * Most functions warn when their code is not looked at, and to GCC a cast to void is no look. Never yields; any thread.
 */
static inline void cor_ignore(int64_t code)
{
	(void)code;
}

/** One line of English for a code of either kind, positive or negative. Never yields; any thread. */
COR_API const char *cor_strerror(int code);

/** The name of a code ("ETIMEDOUT", "COR_EPROBLEM"); "unknown" if there is none. Never yields; any thread. */
COR_API const char *cor_errname(int code);

COR_END_DECLS
#endif
