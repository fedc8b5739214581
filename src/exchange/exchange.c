/* SPDX-License-Identifier: MIT */
#include "exchange/exchange.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#include "base/block.h"

#define READ_ALL_FIRST_BYTES 4096

static int find(const struct cor_exchange *x, struct cor_str name, int from)
{
	return cor_head_find(x->fields, x->head.fields_len, x->bytes, name, (size_t)from);
}

/*
 * The lines of that name from the one at `first` on. Of cookies RFC 9113 section 8.2.3 says what
 * joins them.
 */
static struct cor_str join(struct cor_exchange *x, struct cor_str name, int first)
{
	bool is_cookie = name.len == 6 && strncasecmp(name.data, "cookie", 6) == 0;
	size_t len = 0;

	for (int at = first; at >= 0; at = find(x, name, at + 1))
		len += x->fields[at].value.len + 2u;
	char *text = cor_arena_alloc(&x->ctx.arena, len);
	if (!text)
		return (struct cor_str){ 0 };
	char *out = text;
	for (int at = first; at >= 0; at = find(x, name, at + 1)) {
		struct cor_str value = cor_span_text(x->bytes, x->fields[at].value);
		memcpy(out, value.data, value.len);
		memcpy(out + value.len, is_cookie ? "; " : ", ", 2);
		out += value.len + 2;
	}
	return (struct cor_str){ text, len - 2 };
}

int cor_exchange_read_header(struct cor_exchange *x, struct cor_str name, struct cor_str *ret)
{
	int first = find(x, name, 0);

	*ret = (struct cor_str){ 0 };
	if (first < 0)
		return 0;
	*ret = find(x, name, first + 1) < 0 ? cor_span_text(x->bytes, x->fields[first].value)
					    : join(x, name, first);
	return ret->data ? 0 : -ENOMEM;
}

struct cor_str cor_exchange_header(struct cor_exchange *x, struct cor_str name)
{
	struct cor_str value;

	/* what was sent must not pass for absent */
	return cor_exchange_read_header(x, name, &value) < 0 ? (struct cor_str){ "", 0 } : value;
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

/* For more than the `used` bytes that stand at `data`, in the block or not yet. */
static char *grow(struct cor_exchange *x, struct cor_block *block, const char *data, size_t used)
{
	bool is_first = !block->data;

	if (!cor_block_grow(&x->ctx.arena, block, used))
		return NULL;
	if (is_first)
		memcpy(block->data, data, used);
	return block->data;
}

/* What is small stays in the first piece of memory; a block takes what is not. */
static int read_unannounced(struct cor_exchange *x, struct cor_str *ret)
{
	char *data = cor_arena_alloc(&x->ctx.arena, READ_ALL_FIRST_BYTES);
	size_t room = READ_ALL_FIRST_BYTES - 1, have = 0; /* and a NUL */
	struct cor_block block = { 0 };
	ssize_t n = 1;

	while (data && (n = x->ops->read_body(x, data + have, room - have)) > 0) {
		have += (size_t)n;
		if (have < room)
			continue;
		data = grow(x, &block, data, have + 1);
		room = block.bytes - 1;
	}
	if (!data)
		return cor_ctx_no_memory(&x->ctx, true);
	if (n < 0)
		return (int)n;
	cor_block_cut(&x->ctx.arena, &block, have + 1);
	if (block.data)
		data = block.data;
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
	switch (x->head.body) { /* without one nobody has set its limit */
	case COR_BODY_LENGTH:
		return x->head.content_length > x->body_limit_bytes ? cor_exchange_body_too_large(x)
								    : read_announced(x, ret);
	case COR_BODY_UNKNOWN:
		return read_unannounced(x, ret);
	default:
		*ret = (struct cor_str){ "", 0 };
		return 0;
	}
}
