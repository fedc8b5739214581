/* SPDX-License-Identifier: MIT */
/** Answers held to their tables, where the service has them checked (--check-answers). */
#ifndef CORACLE_SERVICE_ANSWER_CHECK_H
#define CORACLE_SERVICE_ANSWER_CHECK_H

#include <coracle/schema.h>

#include "context/context.h"
#include "schema/encode.h"
#include "schema/read_back.h"

/** What was written, before it is sent. */
struct cor_written {
	const struct cor_schema *schema;
	struct cor_str text;
	bool is_part; /* the client has chosen members */
};

/** Private to cor_answer_check(). */
int cor_answer_read_back(struct cor_ctx *ctx, const struct cor_written *written,
	struct cor_encode_fault *ret_fault) COR_CHECKED;

/**
 * Check it, if answers are checked. One that breaks its table is counted; it is logged, or refused:
 * then *ret_fault says why, and the caller tells. Never yields. Returns 0, -COR_EINVALID (refused)
 * or -ENOMEM.
 */
static inline COR_CHECKED int cor_answer_check(
	struct cor_ctx *ctx, const struct cor_written *written, struct cor_encode_fault *ret_fault)
{
	const enum cor_answer_checks checks = ctx->environment->answer_checks;

	if (checks == COR_ANSWERS_UNCHECKED ||
		(checks == COR_ANSWERS_SAMPLED && !cor_read_back_is_due(cor_ctx_codec(ctx))))
		return 0;
	return cor_answer_read_back(ctx, written, ret_fault);
}

/** As cor_encode_answer(), and check it. The output of handlers has a way of its own. */
int cor_answer_encode(struct cor_ctx *ctx, const struct cor_schema *schema, const void *value,
	struct cor_buffer *buffer, struct cor_encode_fault *ret_fault) COR_CHECKED;

/** Of a message that stands alone: check it, and let the log say why it may not be sent. */
int cor_message_check(
	struct cor_ctx *ctx, const struct cor_schema *schema, struct cor_str text) COR_CHECKED;

/** As cor_answer_encode(), for messages of a stream: the log says why there is none. */
int cor_message_encode(struct cor_ctx *ctx, const struct cor_schema *schema, const void *value,
	struct cor_buffer *buffer) COR_CHECKED;

#endif
