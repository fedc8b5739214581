/* SPDX-License-Identifier: MIT */
/** An answer as it is kept: status, header lines, body. Bytes for the machines that share it. */
#ifndef CORACLE_SERVICE_ANSWER_RECORD_H
#define CORACLE_SERVICE_ANSWER_RECORD_H

#include "base/buffer.h"
#include "exchange/exchange.h"

struct cor_answer_record {
	uint16_t status;
	int64_t made_ms;       /* when, of real time */
	uint32_t fields_len;   /* header lines */
	uint16_t own_len;      /* the first of them: the handler has said them itself */
	struct cor_str fields; /* as they stand in the record */
	struct cor_str body;
};

/** Header lines of others, while those of a handler are collected. */
struct cor_reply_aside {
	struct cor_reply_field *first, *last;
};

/** The exchange has none from now on. */
struct cor_reply_aside cor_reply_put_aside(struct cor_exchange *x);

/** What was collected is taken back: it is in a record. */
void cor_reply_restore(struct cor_exchange *x, struct cor_reply_aside aside);

/**
 * It comes after that of others, as always where a handler fails: what stands once replaces what
 * was said, as cor_reply_header() does.
 */
void cor_reply_join(struct cor_exchange *x, struct cor_reply_aside aside);

/** How many header lines were said by now. */
uint16_t cor_reply_count(const struct cor_exchange *x);

/**
 * Append the record of an answer whose header lines are those of the exchange, the first own_len of
 * them said by the handler itself.
 */
void cor_answer_record_write(const struct cor_exchange *x, uint16_t status, int64_t made_ms,
	uint16_t own_len, struct cor_str body, struct cor_buffer *buffer);

/** Read it; it points into `text`. Returns 0 or -EBADMSG. */
int cor_answer_record_read(struct cor_str text, struct cor_answer_record *ret) COR_CHECKED;

/**
 * Add its header lines to those of the exchange. The handler's own replace what was
 * said, as cor_reply_header() does; of others those that may stand once and were said are left out.
 * They point into the record. Returns 0 or -ENOMEM.
 */
int cor_answer_record_say(
	const struct cor_answer_record *record, struct cor_exchange *x) COR_CHECKED;

#endif
