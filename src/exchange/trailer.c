/* SPDX-License-Identifier: MIT */
/* Trailer fields, of requests and of replies. */
#include "http/trailer.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>
#include <coracle/request.h>
#include <coracle/stream.h>

#include "exchange/exchange.h"
#include "http/response.h"

/* --- of the request --- */

static bool is_named(const struct cor_reply_field *field, const char *name)
{
	return field->name.len == strlen(name) &&
	       strncasecmp(field->name.data, name, field->name.len) == 0;
}

/* RFC 9110 section 5.3. */
static struct cor_str join(struct cor_ctx *ctx, struct cor_str before, struct cor_str value)
{
	if (!before.data)
		return value;
	const char *text = cor_printf(
		ctx, "%.*s, %.*s", (int)before.len, before.data, (int)value.len, value.data);
	return text ? cor_str(text) : (struct cor_str){ 0 };
}

struct cor_str cor_request_trailer(struct cor_ctx *ctx, const char *name)
{
	struct cor_exchange *x = cor_exchange_of(ctx);
	struct cor_str value = { 0 };
	const struct cor_reply_field *field = x && x->ops->trailers ? x->ops->trailers(x) : NULL;

	cor_ctx_look(ctx, __func__);
	for (; field; field = field->next)
		if (is_named(field, name))
			value = join(ctx, value, field->value);
	return value;
}

/* --- of the reply --- */

static COR_COLD int refuse(struct cor_exchange *x, const char *name, const char *why)
{
	const char *text = cor_printf(&x->ctx, "the trailer field %s %s", name, why);

	return cor_ctx_fail(&x->ctx, 500, -EINVAL, text ? text : why);
}

static int check_name(struct cor_exchange *x, const char *name)
{
	if (!cor_field_name_valid(cor_str(name)))
		return refuse(x, "", "has a name that no field can have");
	if (!cor_trailer_is_allowed(cor_str(name)))
		return refuse(x, name,
			"must come before the body (RFC 9110 section 6.5.1): use "
			"cor_reply_header()");
	return 0;
}

static bool takes_trailers(struct cor_exchange *x)
{
	return x->ops->takes_trailers && x->ops->takes_trailers(x);
}

bool cor_reply_takes_trailers(const struct cor_reply *reply)
{
	return takes_trailers(reply->exchange);
}

int cor_reply_announce(struct cor_reply *reply, const char *name)
{
	struct cor_exchange *x = reply->exchange;
	int rc = check_name(x, name);

	if (rc < 0)
		return rc;
	if (x->reply_state != COR_REPLY_NONE)
		return -COR_ECLOSED;
	if (!takes_trailers(x))
		return 0;
	const char *copy = cor_strdup(&x->ctx, name);
	return copy ? cor_exchange_add_field(x, "Trailer", cor_str(copy)) : -ENOMEM;
}

int cor_reply_trailer(struct cor_reply *reply, const char *name, const char *value)
{
	struct cor_exchange *x = reply->exchange;
	int rc = check_name(x, name);

	if (rc < 0)
		return rc;
	if (x->reply_state == COR_REPLY_ENDED)
		return -EPIPE;
	if (x->reply_state != COR_REPLY_STARTED)
		return refuse(x, name, "was added before cor_reply_start()");
	if (!cor_field_value_valid(cor_str(value)))
		return refuse(x, name, "has a value that no field can have");
	if (!takes_trailers(x))
		return 0;
	name = cor_strdup(&x->ctx, name);
	value = name ? cor_strdup(&x->ctx, value) : NULL;
	return value ? cor_exchange_add_field(x, name, cor_str(value)) : -ENOMEM;
}
