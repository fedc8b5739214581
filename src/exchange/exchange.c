/* SPDX-License-Identifier: MIT */
#include "exchange/exchange.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#define READ_ALL_FIRST_BYTES 4096

struct cor_str cor_exchange_header(const struct cor_exchange *x, const char *name)
{
	size_t len = strlen(name);

	for (unsigned i = 0; i < x->head.fields_len; i++) {
		const struct cor_head_field *field = &x->fields[i];
		if (field->name.len == len &&
			strncasecmp(x->bytes + field->name.at, name, len) == 0)
			return cor_span_text(x->bytes, field->value);
	}
	return (struct cor_str){ 0 };
}

/* The length is known: one piece of memory, filled. */
static int read_announced(struct cor_exchange *x, struct cor_str *ret)
{
	size_t length = (size_t)x->head.content_length;
	char *data = cor_arena_alloc(&x->ctx.arena, length + 1);
	size_t have = 0;

	if (!data)
		return cor_ctx_no_memory(&x->ctx, true);
	while (have < length) {
		ssize_t n = x->ops->read_body(x, data + have, length - have);
		if (n < 0)
			return (int)n;
		if (n == 0)
			return -ECONNRESET;
		have += (size_t)n;
	}
	data[length] = '\0';
	*ret = (struct cor_str){ data, length };
	return 0;
}

/* The memory doubles as it goes. */
static int read_unannounced(struct cor_exchange *x, struct cor_str *ret)
{
	size_t capacity = READ_ALL_FIRST_BYTES;
	size_t have = 0;
	char *data = cor_arena_alloc(&x->ctx.arena, capacity + 1);

	for (;;) {
		if (!data)
			return cor_ctx_no_memory(&x->ctx, true);
		ssize_t n = x->ops->read_body(x, data + have, capacity - have);
		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		have += (size_t)n;
		if (have < capacity)
			continue;
		char *bigger = cor_arena_alloc(&x->ctx.arena, 2 * capacity + 1);
		if (bigger)
			memcpy(bigger, data, have);
		data = bigger;
		capacity *= 2;
	}
	data[have] = '\0';
	*ret = (struct cor_str){ data, have };
	return 0;
}

int cor_exchange_body_too_large(struct cor_exchange *x)
{
	return cor_ctx_fail(&x->ctx, 413, -COR_ETOOLARGE,
		cor_printf(
			&x->ctx, "the body is larger than %" PRId64 " bytes", x->body_limit_bytes));
}

int cor_exchange_read_all(struct cor_exchange *x, struct cor_str *ret)
{
	if (x->head.content_length > x->body_limit_bytes)
		return cor_exchange_body_too_large(x);
	switch (x->head.body) {
	case COR_BODY_LENGTH:
		return read_announced(x, ret);
	case COR_BODY_UNKNOWN:
		return read_unannounced(x, ret);
	default:
		*ret = (struct cor_str){ "", 0 };
		return 0;
	}
}
