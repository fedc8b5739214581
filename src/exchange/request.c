/* SPDX-License-Identifier: MIT */
#include <coracle/request.h>

#include "exchange/caller.h"
#include "exchange/exchange.h"
#include "origin/proxy_header.h"

/* What is looked at here is no row of an input: see struct cor_ctx_watch. */
static struct cor_exchange *look(struct cor_ctx *ctx, const char *call)
{
	cor_ctx_look(ctx, call);
	return cor_exchange_of(ctx);
}

static struct cor_exchange *look_target(struct cor_ctx *ctx, const char *call)
{
	cor_ctx_look_target(ctx, call);
	return cor_exchange_of(ctx);
}

struct cor_str cor_request_method(struct cor_ctx *ctx)
{
	struct cor_exchange *x = look(ctx, __func__);

	return x ? cor_span_text(x->bytes, x->head.method_text) : (struct cor_str){ 0 };
}

struct cor_str cor_request_path(struct cor_ctx *ctx)
{
	struct cor_exchange *x = look_target(ctx, __func__);

	return x ? cor_exchange_path(x) : (struct cor_str){ 0 };
}

struct cor_str cor_request_query(struct cor_ctx *ctx)
{
	struct cor_exchange *x = look_target(ctx, __func__);

	return x ? cor_exchange_query(x) : (struct cor_str){ 0 };
}

struct cor_str cor_request_host(struct cor_ctx *ctx)
{
	struct cor_exchange *x = look(ctx, __func__);

	if (x && x->ops->caller)
		return cor_exchange_caller(x).host;
	return x ? cor_span_text(x->bytes, x->head.host) : (struct cor_str){ 0 };
}

struct cor_str cor_request_header(struct cor_ctx *ctx, const char *name)
{
	struct cor_exchange *x = look(ctx, __func__);

	return x ? cor_exchange_header(x, cor_str(name)) : (struct cor_str){ 0 };
}

const char *cor_request_client(struct cor_ctx *ctx)
{
	struct cor_exchange *x = look(ctx, __func__);

	return x && x->ops->caller ? cor_exchange_caller(x).client : "";
}

const char *cor_request_certificate_subject(struct cor_ctx *ctx)
{
	struct cor_exchange *x = look(ctx, __func__);

	return x ? cor_exchange_caller(x).subject : NULL;
}

const char *cor_request_certificate_fingerprint(struct cor_ctx *ctx)
{
	struct cor_exchange *x = look(ctx, __func__);

	return x ? cor_exchange_caller(x).fingerprint : NULL;
}

/* That of a certificate which nobody has verified is what anybody may have written. */
static struct cor_str fact_of(const struct cor_proxy_header *header, enum cor_proxy_fact fact)
{
	switch (fact) {
	case COR_PROXY_AUTHORITY:
		return header->authority;
	case COR_PROXY_ALPN:
		return header->alpn;
	case COR_PROXY_UNIQUE_ID:
		return header->unique_id;
	case COR_PROXY_TLS_VERSION:
		return header->tls.version;
	case COR_PROXY_TLS_CIPHER:
		return header->tls.cipher;
	case COR_PROXY_CERTIFICATE_NAME:
		if (header->tls.is_verified)
			return header->tls.common_name;
	}
	return (struct cor_str){ 0 };
}

struct cor_str cor_request_proxy_fact(struct cor_ctx *ctx, enum cor_proxy_fact fact)
{
	struct cor_exchange *x = look(ctx, __func__);
	const struct cor_proxy_told *told = x ? cor_exchange_caller(x).proxy : NULL;

	return told ? fact_of(&told->header, fact) : (struct cor_str){ 0 };
}

struct cor_str cor_request_prefix(struct cor_ctx *ctx)
{
	struct cor_exchange *x = look(ctx, __func__);

	return x ? cor_exchange_caller(x).prefix : (struct cor_str){ 0 };
}

const char *cor_request_peer(struct cor_ctx *ctx)
{
	struct cor_exchange *x = look(ctx, __func__);

	return x ? x->ops->peer(x) : "";
}

const char *cor_request_scheme(struct cor_ctx *ctx)
{
	struct cor_exchange *x = look(ctx, __func__);

	return x && x->ops->caller ? cor_exchange_caller(x).scheme : "http";
}

bool cor_exchange_adopt_id(struct cor_str id, char ret[COR_REQUEST_ID_BYTES])
{
	if (id.len == 0 || id.len >= COR_REQUEST_ID_BYTES)
		return false;
	for (size_t i = 0; i < id.len; i++) {
		char b = id.data[i];
		bool plain = (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') ||
			     (b >= 'A' && b <= 'Z') || b == '-' || b == '_' || b == '.';
		if (!plain)
			return false;
	}
	memcpy(ret, id.data, id.len);
	ret[id.len] = '\0';
	return true;
}
