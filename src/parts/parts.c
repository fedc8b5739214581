/* SPDX-License-Identifier: MIT */
#include "parts/parts.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "exchange/exchange.h"
#include "upload/limits.h"

#define READ_BYTES     16384
#define TYPE_SHOWN_MAX 100

struct cor_parts {
	struct cor_exchange *exchange;
	struct cor_multipart multipart;
	struct cor_part part;
	struct cor_str input; /* read, and not looked at yet */
	struct cor_str data;  /* of the part, and not handed out yet */
	enum {
		BETWEEN = 0, /* no part is being read */
		IN_PART,
		OVER,
		FAILED,
	} state;
	int rc; /* of FAILED */
	char buffer[READ_BYTES];
};

static int status_of(int rc)
{
	return rc == -COR_ETOOLARGE ? 413 : rc == -EOPNOTSUPP ? 415 : 400;
}

static int fail(struct cor_parts *parts, int rc)
{
	parts->state = FAILED;
	parts->rc = rc;
	return rc;
}

/* The fault is a constant, or in the parser, which is in ctx memory. */
static int refuse(struct cor_parts *parts, int rc)
{
	return fail(parts,
		cor_ctx_fail(&parts->exchange->ctx, status_of(rc), rc, parts->multipart.fault));
}

static int refuse_type(struct cor_exchange *x, struct cor_str type)
{
	struct cor_str shown = type.len ? type : COR_STR("missing");
	const char *detail = cor_printf(&x->ctx,
		"Content-Type is %.*s, but must be multipart/form-data",
		(int)(shown.len < TYPE_SHOWN_MAX ? shown.len : TYPE_SHOWN_MAX), shown.data);

	if (cor_reply_header(&x->ctx, "Accept", "multipart/form-data") < 0)
		return -ENOMEM;
	return cor_ctx_fail(&x->ctx, 415, -EOPNOTSUPP, detail ? detail : "");
}

/* Of the thread's settings; a test may have none. */
static struct cor_upload_limits limits_of(const struct cor_exchange *x)
{
	const struct cor_environment *environment = x->ctx.environment;

	return environment && environment->uploads ? *environment->uploads : COR_UPLOAD_LIMITS;
}

int cor_parts_open(struct cor_body *body, struct cor_parts **ret)
{
	struct cor_exchange *x = body->exchange;
	struct cor_str type = cor_exchange_known(x, COR_KNOWN_CONTENT_TYPE), boundary;
	struct cor_upload_limits own = limits_of(x);
	const struct cor_multipart_limits limits = { own.parts, own.part_bytes };
	const char *fault;

	if (!cor_is_multipart_form(type))
		return refuse_type(x, type);
	int rc = cor_multipart_boundary(type, &boundary, &fault);
	if (rc < 0)
		return cor_ctx_fail(&x->ctx, 400, rc, fault);
	struct cor_parts *parts = cor_arena_alloc(&x->ctx.arena, sizeof *parts);
	char *lines = cor_arena_alloc(&x->ctx.arena, limits.head_bytes);
	if (!parts || !lines)
		return -ENOMEM;
	memset(parts, 0, offsetof(struct cor_parts, buffer));
	parts->exchange = x;
	cor_multipart_begin(&parts->multipart, boundary, lines, &limits);
	*ret = parts;
	return 0;
}

/* More of the body; its end is that of the form. Returns 1, 0 or a negative code. */
static int fill(struct cor_parts *parts)
{
	struct cor_exchange *x = parts->exchange;
	ssize_t n = cor_exchange_has_body(x)
			    ? x->ops->read_body(x, parts->buffer, sizeof parts->buffer)
			    : 0;

	if (n < 0)
		return fail(parts, (int)n);
	parts->input = (struct cor_str){ parts->buffer, (size_t)n };
	if (n > 0)
		return 1;
	int rc = cor_multipart_end(&parts->multipart);
	if (rc < 0)
		return refuse(parts, rc);
	parts->state = OVER;
	return 0;
}

/* Returns an event other than MORE, 0 (the body has ended) or a negative code. */
static int take_event(struct cor_parts *parts)
{
	int event = 0;

	while (parts->state < OVER) {
		event = cor_multipart_next(&parts->multipart, &parts->input, &parts->data);
		if (event < 0)
			return refuse(parts, event);
		if (event > 0)
			return event;
		event = fill(parts);
		if (event <= 0)
			return event;
	}
	return parts->state == FAILED ? parts->rc : 0;
}

const struct cor_part_head *cor_parts_head(const struct cor_parts *parts)
{
	return &parts->multipart.head;
}

int cor_parts_data(struct cor_parts *parts, struct cor_str *ret)
{
	if (parts->state == FAILED)
		return parts->rc;
	if (parts->state != IN_PART)
		return 0;
	if (parts->data.len == 0) {
		int event = take_event(parts);
		if (event < 0)
			return event;
		if (event != COR_MULTIPART_DATA) {
			parts->state = BETWEEN;
			return 0;
		}
	}
	*ret = parts->data;
	parts->data.len = 0;
	return 1;
}

static int pass_over(struct cor_parts *parts)
{
	struct cor_str data = { "", 0 };
	int rc = 1;

	while (rc > 0)
		rc = cor_parts_data(parts, &data);
	return rc;
}

static void show(struct cor_parts *parts)
{
	const struct cor_part_head *head = &parts->multipart.head;

	parts->part = (struct cor_part){ head->name, head->file_name, head->type };
	if (!head->type)
		parts->part.type = head->file_name ? "application/octet-stream" : "text/plain";
}

int cor_part_next(struct cor_parts *parts, const struct cor_part **ret)
{
	int rc = pass_over(parts);

	/* behind the last one stands what is passed over */
	while (rc == 0 && (rc = take_event(parts)) == COR_MULTIPART_END)
		rc = 0;
	if (rc != COR_MULTIPART_PART)
		return rc;
	parts->state = IN_PART;
	parts->data.len = 0;
	show(parts);
	*ret = &parts->part;
	return 1;
}

ssize_t cor_part_read(struct cor_parts *parts, void *buffer, size_t size)
{
	struct cor_str data = { "", 0 };

	if (size == 0)
		return 0;
	int rc = cor_parts_data(parts, &data);
	if (rc <= 0)
		return rc;
	if (data.len > size) {
		parts->data = (struct cor_str){ data.data + size, data.len - size };
		data.len = size;
	}
	memcpy(buffer, data.data, data.len);
	return (ssize_t)data.len;
}
