/* SPDX-License-Identifier: MIT */
#include "client/answer.h"
#include "client/attempt.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <coracle/compression.h>
#include <coracle/error.h>

#include "client/aim.h"
#include "http/fold.h"
#include "http/status.h"

#define IN_BYTES (16 * 1024)

/* --- the head --- */

int cor_answer_status(const struct cor_answer *answer)
{
	return answer->head.status;
}

const struct cor_http_field *cor_answer_headers(const struct cor_answer *answer)
{
	return answer->head.fields;
}

const char *cor_answer_header(const struct cor_answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->head.fields_len; i++)
		if (cor_fold_same_name(answer->head.fields[i].name, name))
			return answer->head.fields[i].value;
	return NULL;
}

struct cor_str cor_answer_field(const struct cor_answer *answer, const char *name)
{
	const char *value = cor_answer_header(answer, name);

	return (struct cor_str){ value, value ? strlen(value) : 0 };
}

int64_t cor_answer_length(const struct cor_answer *answer)
{
	return answer->decoder ? -1 : answer->head.body_bytes;
}

/* --- what it is encoded with --- */

/* One coding: each further one multiplies what a few bytes can grow to. */
static const struct cor_coding *find_coding(
	const struct cor_upstream *upstream, struct cor_str name)
{
	for (const struct cor_coding *const *at = upstream->codings; at && *at; at++) {
		const char *alias = (*at)->alias;
		if (cor_fold_equal(name, cor_str((*at)->name)) ||
			(alias && cor_fold_equal(name, cor_str(alias))))
			return *at;
	}
	return NULL;
}

static void drop_decoder(struct cor_answer *answer)
{
	if (answer->decoder)
		answer->decoder->coding->close_decoder(answer->decoder);
	answer->decoder = NULL;
}

/*
 * What the body is encoded with; data NULL: nothing. The field may stand there several times, and
 * "identity" says nothing.
 */
static struct cor_str coding_said(const struct cor_answer *answer)
{
	struct cor_str said = { NULL, 0 };

	for (size_t i = 0; i < answer->head.fields_len; i++) {
		const struct cor_http_field *field = &answer->head.fields[i];
		struct cor_str value = cor_str(field->value);
		if (!cor_fold_same_name(field->name, "Content-Encoding") || value.len == 0 ||
			cor_fold_equal(value, COR_STR("identity")))
			continue;
		said = said.data ? COR_STR("several codings") : value;
	}
	return said;
}

int cor_answer_check_coding(struct cor_answer *answer)
{
	if (!answer->unreadable)
		return 0;
	return cor_answer_fail(answer, COR_FAILED_CODING,
		"its answer is encoded with \"%.40s\", which was not asked for: .codings lists "
		"what may come",
		answer->unreadable);
}

int cor_answer_prepare_body(struct cor_answer *answer)
{
	struct cor_str name = coding_said(answer);
	const struct cor_coding *coding;

	answer->taken = answer->made = 0;
	answer->in_at = answer->in_len = 0;
	answer->is_whole = answer->has_more = answer->has_ended = false;
	answer->unreadable = NULL;
	if (answer->head.body_bytes == 0 || !name.data)
		return 0;
	coding = find_coding(answer->here->upstream, name);
	if (!coding) {
		answer->unreadable = name.data;
		return 0;
	}
	if (!answer->in)
		answer->in = cor_arena_alloc(&answer->ctx->arena, IN_BYTES);
	if (!answer->in || coding->open_decoder(&answer->decoder) < 0)
		return cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
	return 0;
}

/* --- reading --- */

ssize_t cor_answer_receive(struct cor_answer *answer, void *buffer, size_t size)
{
	const struct cor_upstream *upstream = answer->here->upstream;
	struct cor_answer_wait wait;
	ssize_t n;

	if (answer->has_ended)
		return 0;
	cor_answer_begin_wait(answer, &wait,
		upstream->between_bytes_timeout_ms ? upstream->between_bytes_timeout_ms
						   : COR_BETWEEN_BYTES_TIMEOUT_MS,
		COR_FAILED_BETWEEN_TIMEOUT);
	n = answer->wire->carrier->receive(answer->wire, buffer, size);
	if (n >= 0)
		cor_scope_leave(&wait.scope);
	else
		n = cor_answer_end_wait(answer, &wait, (int)n);
	if (n > 0)
		answer->taken += n;
	answer->has_ended = n == 0;
	return n;
}

static int check_ratio(struct cor_answer *answer)
{
	uint32_t limit = answer->here->upstream->answer_ratio_limit;

	limit = limit ? limit : COR_ANSWER_RATIO_LIMIT;
	if (answer->made <= COR_BODY_RATIO_FREE_BYTES || answer->made / limit <= answer->taken)
		return 0;
	return cor_answer_fail(answer, COR_FAILED_TOO_LARGE,
		"its answer decodes to more than %" PRIu32 " times its bytes", limit);
}

static ssize_t decode(struct cor_answer *answer, void *buffer, size_t size)
{
	struct cor_coding_io io = {
		.in = answer->in + answer->in_at,
		.in_len = answer->in_len - answer->in_at,
		.out = buffer,
		.out_len = size,
	};
	int rc = answer->decoder->coding->decode(answer->decoder, &io);

	if (rc == -ENOMEM)
		return cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
	if (rc < 0)
		return cor_answer_fail(answer, COR_FAILED_CODING,
			"its answer is not %s, as its Content-Encoding says",
			answer->decoder->coding->name);
	answer->is_whole = rc == COR_DECODING_WHOLE;
	answer->has_more = !answer->is_whole && io.out_len == 0;
	answer->in_at = answer->in_len - io.in_len;
	answer->made += (int64_t)(size - io.out_len);
	rc = check_ratio(answer);
	return rc < 0 ? rc : (ssize_t)(size - io.out_len);
}

/* Returns 1, 0 at the end of the body, or the code of the fault. */
static int refill(struct cor_answer *answer)
{
	ssize_t n = cor_answer_receive(answer, answer->in, IN_BYTES);

	if (n < 0)
		return (int)n;
	answer->in_at = 0;
	answer->in_len = (size_t)n;
	if (n > 0)
		return 1;
	if (answer->is_whole || answer->taken == 0)
		return 0;
	return cor_answer_fail(
		answer, COR_FAILED_CODING, "its answer ends before what it is encoded with does");
}

/* A decoder that had no room may hold what it has made of all that came: it is asked first. */
static ssize_t take_decoded(struct cor_answer *answer, void *buffer, size_t size)
{
	ssize_t n = 0;

	while (n == 0) {
		if (answer->in_at == answer->in_len && !answer->has_more) {
			int rc = refill(answer);
			if (rc <= 0)
				return rc;
		}
		n = decode(answer, buffer, size);
	}
	return n;
}

ssize_t cor_answer_take(struct cor_answer *answer, void *buffer, size_t size)
{
	if (!answer->wire || answer->head.body_bytes == 0 || size == 0)
		return 0;
	if (answer->unreadable)
		return cor_answer_check_coding(answer);
	return answer->decoder ? take_decoded(answer, buffer, size)
			       : cor_answer_receive(answer, buffer, size);
}

bool cor_answer_met_stale(const struct cor_answer *answer)
{
	const struct cor_wire *wire = answer->wire;

	return wire && wire->is_reused && !wire->has_answer &&
	       answer->fault.kind == COR_FAILED_LOST;
}

void cor_answer_end_exchange(struct cor_answer *answer)
{
	drop_decoder(answer);
	cor_answer_settle(answer);
	if (answer->wire)
		answer->wire->carrier->end(answer->wire);
	answer->wire = NULL;
}

void cor_answer_let_go(struct cor_answer *answer)
{
	cor_answer_end_exchange(answer);
	if (answer->has_place)
		cor_semaphore_give(&answer->here->places);
	answer->has_place = false;
}
