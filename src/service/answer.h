/* SPDX-License-Identifier: MIT */
/** From what an operation gave to the reply: its output, or its problem. Nothing here yields. */
#ifndef CORACLE_SERVICE_ANSWER_H
#define CORACLE_SERVICE_ANSWER_H

#include "base/buffer.h"
#include "base/compiler.h"
#include "exchange/exchange.h"
#include "service/plan.h"

/** What a thread keeps of its scratch between answers: more than most of them need. */
#define COR_SCRATCH_KEEP_BYTES (64 * 1024)

/** Begin to use the scratch: it is empty. */
static inline void cor_answer_take_scratch(struct cor_buffer *scratch)
{
	scratch->len = 0;
	scratch->error = 0;
}

/** The answer is on its way: give back what only a large one needed. */
static inline void cor_answer_leave_scratch(struct cor_buffer *scratch)
{
	if (COR_UNLIKELY(scratch->capacity > COR_SCRATCH_KEEP_BYTES))
		cor_buffer_finish(scratch);
}

/**
 * Send the output. Returns 0, or a negative code with its problem recorded: a value that cannot be
 * sent (-COR_EPROBLEM, the row is named for the log), -ENOMEM, a connection's error.
 */
int cor_answer_output(struct cor_exchange *x, const struct cor_action *action, const void *out,
	struct cor_buffer *scratch) COR_CHECKED;

/**
 * Write the output into the buffer, where *ret is then, and set the headers, without sending it.
 * Returns as above; what was set stays.
 */
int cor_answer_make(struct cor_exchange *x, const struct cor_action *action, const void *out,
	struct cor_buffer *buffer, struct cor_str *ret) COR_CHECKED;

/**
 * The same of an operation with .caching: its headers, and a 304 where the client has it already.
 */
int cor_answer_cached(struct cor_exchange *x, const struct cor_action *action, const void *out,
	struct cor_buffer *scratch) COR_CHECKED;

/**
 * Set the header of a row of *out, a struct of the schema; nothing if it is empty, or was set. As
 * cor_answer_output().
 */
int cor_answer_put_header(struct cor_exchange *x, const struct cor_schema *schema,
	const struct cor_field *field, const void *out, struct cor_buffer *scratch) COR_CHECKED;

/** Send 204 with what stands in Allow. */
int cor_answer_options(struct cor_exchange *x, const struct cor_action *action) COR_CHECKED;

/** The status that a code other than 0 comes to. */
int cor_status_answered(struct cor_exchange *x, int rc);

/**
 * Warn of a problem that an operation answers with and does not declare: its clients cannot know of
 * it.
 */
void cor_answer_judge(struct cor_exchange *x, const struct cor_action *action, int rc);

/**
 * Send the problem that `rc` comes to, and log what is not sent. A reply that has begun is cut. If
 * there is no memory for the details, they are left out.
 */
void cor_answer_problem(struct cor_exchange *x, const struct cor_action *action, int rc,
	struct cor_buffer *scratch);

#endif
