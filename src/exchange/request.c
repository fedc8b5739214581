/* SPDX-License-Identifier: MIT */
#include <coracle/request.h>

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#include "exchange/exchange.h"
#include "http/response.h"

struct cor_str cor_request_method(struct cor_ctx *ctx)
{
	struct cor_exchange *x = cor_exchange_of(ctx);

	return x ? cor_span_text(x->bytes, x->head.method_text) : (struct cor_str){ 0 };
}

struct cor_str cor_request_path(struct cor_ctx *ctx)
{
	struct cor_exchange *x = cor_exchange_of(ctx);

	return x ? cor_exchange_path(x) : (struct cor_str){ 0 };
}

struct cor_str cor_request_query(struct cor_ctx *ctx)
{
	struct cor_exchange *x = cor_exchange_of(ctx);

	return x ? cor_exchange_query(x) : (struct cor_str){ 0 };
}

struct cor_str cor_request_host(struct cor_ctx *ctx)
{
	struct cor_exchange *x = cor_exchange_of(ctx);

	return x ? cor_span_text(x->bytes, x->head.host) : (struct cor_str){ 0 };
}

struct cor_str cor_request_header(struct cor_ctx *ctx, const char *name)
{
	struct cor_exchange *x = cor_exchange_of(ctx);

	return x ? cor_exchange_header(x, name) : (struct cor_str){ 0 };
}

const char *cor_request_peer(struct cor_ctx *ctx)
{
	struct cor_exchange *x = cor_exchange_of(ctx);

	return x ? x->ops->peer(x) : "";
}

bool cor_reply_header_is_the_servers(const char *name)
{
	static const char *const names[] = {
		"content-length",
		"transfer-encoding",
		"connection",
		"keep-alive",
		"date",
		"upgrade",
		"trailer",
		"content-type",
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

static void append_field(struct cor_exchange *x, struct cor_reply_field *field)
{
	if (x->fields_out_last)
		x->fields_out_last->next = field;
	else
		x->fields_out = field;
	x->fields_out_last = field;
}

int cor_reply_header(struct cor_ctx *ctx, const char *name, const char *value)
{
	struct cor_exchange *x = cor_exchange_of(ctx);
	struct cor_str name_text = cor_str(name);
	struct cor_str value_text = cor_str(value);

	if (!cor_field_name_valid(name_text) || !cor_field_value_valid(value_text) ||
		cor_reply_header_is_the_servers(name))
		return -EINVAL;
	if (!x)
		return 0;
	if (x->reply_state != COR_REPLY_NONE)
		return -COR_ECLOSED;
	struct cor_reply_field *field = cor_arena_zalloc(&ctx->arena, sizeof *field);
	if (!field)
		return -ENOMEM;
	field->name = (struct cor_str){ cor_strdup(ctx, name), name_text.len };
	field->value = (struct cor_str){ cor_strdup(ctx, value), value_text.len };
	if (!field->name.data || !field->value.data)
		return -ENOMEM;
	append_field(x, field);
	return 0;
}
