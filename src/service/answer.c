/* SPDX-License-Identifier: MIT */
#include "service/answer.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "cookies/cookie.h"
#include "schema/bind.h"
#include "schema/encode.h"
#include "service/answer_check.h"
#include "service/caching.h"

/* The value has no text, or one that would break the head apart: a defect of the service. */
static int refuse_header(
	struct cor_exchange *x, const struct cor_schema *schema, const struct cor_field *field)
{
	return cor_problem(&x->ctx, 500, 0, "%s: %s: has no text that a header can carry",
		schema->symbol, cor_row_key(field));
}

/* Whether it is null, and not left out. */
static bool is_null(const struct cor_field *field, const void *out)
{
	enum cor_opt_state state;

	if (!field->is_opt)
		return field->presence == COR_NULLABLE;
	memcpy(&state, (const char *)out + field->state_offset, sizeof state);
	return state == COR_NULL;
}

static int answer_cookie(struct cor_exchange *x, const struct cor_schema *schema,
	const struct cor_field *field, const void *out, struct cor_buffer *scratch)
{
	cor_answer_take_scratch(scratch);
	int rc = cor_row_text(field, out, scratch);

	if (rc == -COR_EINVALID)
		return refuse_header(x, schema, field);
	if (rc > 0)
		rc = cor_cookie_write(x, x->ctx.environment, field->cookie, cor_row_key(field),
			(struct cor_str){ scratch->data, scratch->len });
	else if (rc == 0 && is_null(field, out))
		rc = cor_cookie_remove(x, x->ctx.environment, field->cookie, cor_row_key(field));
	if (rc == -COR_ETOOLARGE || rc == -EINVAL)
		return cor_problem(&x->ctx, 500, 0, "%s: cookie %s cannot be set: see the log",
			schema->symbol, cor_row_key(field));
	return rc;
}

int cor_answer_put_header(struct cor_exchange *x, const struct cor_schema *schema,
	const struct cor_field *field, const void *out, struct cor_buffer *scratch)
{
	if (field->to == COR_TO_COOKIE)
		return answer_cookie(x, schema, field, out, scratch);
	if (cor_exchange_has_said(x, cor_row_key(field)))
		return 0;
	cor_answer_take_scratch(scratch);
	int rc = cor_row_text(field, out, scratch);

	if (rc == -COR_EINVALID)
		return refuse_header(x, schema, field);
	if (rc <= 0)
		return rc;
	if (memchr(scratch->data, '\0', scratch->len))
		return refuse_header(x, schema, field);
	cor_buffer_byte(scratch, '\0');
	if (cor_buffer_error(scratch) < 0)
		return cor_buffer_error(scratch);
	rc = cor_reply_header(&x->ctx, cor_row_key(field), scratch->data);
	return rc == -EINVAL ? refuse_header(x, schema, field) : rc;
}

static int send_headers(struct cor_exchange *x, const struct cor_action *action, const void *out,
	struct cor_buffer *scratch)
{
	int rc = 0;

	for (uint32_t i = 0; i < action->headers_out_len && rc == 0; i++)
		rc = cor_answer_put_header(
			x, action->operation->out, action->headers_out[i], out, scratch);
	return rc;
}

static COR_COLD int refuse_value(struct cor_exchange *x, int rc, const char *fault)
{
	return rc == -ENOMEM || rc == -COR_EPROBLEM
		       ? rc
		       : cor_problem(&x->ctx, 500, rc == -COR_EINVALID ? 0 : rc, "%s", fault);
}

static int encode(struct cor_exchange *x, const struct cor_action *action, const void *out,
	struct cor_buffer *scratch)
{
	struct cor_encode_fault fault;

	cor_answer_take_scratch(scratch);
	struct cor_codec *codec = x->ctx.environment->codec;
	const struct cor_schema *schema = action->operation->out;
	int rc = COR_LIKELY(!x->selection)
			 ? cor_encode_answer(codec, schema, &x->ctx, out, scratch, &fault)
			 : cor_encode_masked(
				   codec, schema, &x->ctx, x->selection, out, scratch, &fault);
	const struct cor_written written = { schema, { scratch->data, scratch->len },
		x->selection != NULL };
	if (rc == 0)
		rc = cor_answer_check(&x->ctx, &written, &fault);
	return rc == 0 ? 0 : refuse_value(x, rc, fault.text);
}

static COR_OUT_OF_LINE int answer_json(struct cor_exchange *x, const struct cor_action *action,
	const void *out, struct cor_buffer *scratch)
{
	int rc = encode(x, action, out, scratch);
	struct cor_str body = { scratch->data, scratch->len };

	if (rc == 0)
		rc = cor_exchange_respond(x, action->status, action->content_type, body);
	cor_answer_leave_scratch(scratch);
	return rc;
}

static inline int answer_body(struct cor_exchange *x, const struct cor_action *action,
	const void *out, struct cor_buffer *scratch)
{
	struct cor_str body = { 0 };

	if (action->answers_json)
		return answer_json(x, action, out, scratch);
	if (action->has_body_out)
		body = *(const struct cor_str *)out;
	return cor_exchange_respond(x, action->status, action->content_type, body);
}

/*
 * If a problem is sent instead, headers from rows are taken back; those that handler and middleware
 * set stay.
 */
static COR_OUT_OF_LINE int answer_with_headers(struct cor_exchange *x,
	const struct cor_action *action, const void *out, struct cor_buffer *scratch)
{
	struct cor_reply_field *before = x->fields_out_last;
	int rc = send_headers(x, action, out, scratch);

	if (rc == 0)
		rc = answer_body(x, action, out, scratch);
	if (rc < 0)
		cor_exchange_take_back(x, before);
	return rc;
}

int cor_answer_output(struct cor_exchange *x, const struct cor_action *action, const void *out,
	struct cor_buffer *scratch)
{
	if (action->headers_out_len)
		return answer_with_headers(x, action, out, scratch);
	return answer_body(x, action, out, scratch);
}

/* The text of the body, in the buffer if it is JSON. */
static int write_body(struct cor_exchange *x, const struct cor_action *action, const void *out,
	struct cor_buffer *buffer, struct cor_str *ret)
{
	int rc = action->answers_json ? encode(x, action, out, buffer) : 0;

	*ret = (struct cor_str){ 0 };
	if (action->answers_json)
		*ret = (struct cor_str){ buffer->data, buffer->len };
	else if (action->has_body_out)
		*ret = *(const struct cor_str *)out;
	return rc;
}

int cor_answer_make(struct cor_exchange *x, const struct cor_action *action, const void *out,
	struct cor_buffer *buffer, struct cor_str *ret)
{
	struct cor_buffer spare = { 0 };
	int rc = send_headers(x, action, out, buffer);

	if (rc == 0)
		rc = write_body(x, action, out, buffer, ret);
	if (rc == 0 && action->caching)
		rc = cor_caching_say(x, action, out, *ret, &spare);
	cor_buffer_finish(&spare);
	return rc;
}

static int answer_judged(struct cor_exchange *x, const struct cor_action *action, const void *out,
	struct cor_buffer *scratch)
{
	struct cor_buffer spare = { 0 };
	struct cor_str body;
	int rc = write_body(x, action, out, scratch, &body);

	if (rc == 0)
		rc = cor_caching_apply(x, action, out, body, &spare);
	if (rc == 0)
		rc = cor_exchange_respond(x, action->status, action->content_type, body);
	if (action->answers_json)
		cor_answer_leave_scratch(scratch);
	cor_buffer_finish(&spare);
	return rc < 0 ? rc : 0;
}

int cor_answer_cached(struct cor_exchange *x, const struct cor_action *action, const void *out,
	struct cor_buffer *scratch)
{
	struct cor_reply_field *before = x->fields_out_last;
	int rc = send_headers(x, action, out, scratch);

	if (rc == 0)
		rc = answer_judged(x, action, out, scratch);
	if (rc < 0)
		cor_exchange_take_back(x, before);
	return rc;
}

int cor_answer_options(struct cor_exchange *x, const struct cor_action *action)
{
	int rc = cor_reply_header(&x->ctx, "Allow", action->place->allow);

	return rc < 0 ? rc
		      : cor_exchange_respond(x, 204, (struct cor_str){ 0 }, (struct cor_str){ 0 });
}
