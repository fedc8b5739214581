/* SPDX-License-Identifier: MIT */
#include "cookies/cookie.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/log.h>
#include <coracle/request.h>

#include "base/buffer.h"
#include "cookies/fault.h"
#include "http/cookie.h"

static const struct cor_cookie plain = { 0 };

int cor_cookie_vary(struct cor_exchange *x)
{
	static const struct cor_str cookie = { "Cookie", 6 };

	for (const struct cor_reply_field *at = x->fields_out; at; at = at->next)
		if (cor_str_equal(at->value, cookie) && strcasecmp(at->name.data, "vary") == 0)
			return 0;
	return x->reply_state == COR_REPLY_NONE ? cor_exchange_add_field(x, "Vary", cookie) : 0;
}

static const struct cor_cookie_jar *jar_of(struct cor_exchange *x, const char *name)
{
	const struct cor_cookie_jar *jar = x->ctx.environment->cookies;

	if (jar && jar->sealing)
		return jar;
	cor_log_error(&x->ctx, "cookie %s cannot be sealed: the service has no .sealing", name);
	return NULL;
}

/* --- reading --- */

static int refuse(
	struct cor_exchange *x, const struct cor_sealing *sealing, const char *name, int rc)
{
	if (rc == -ENOMEM)
		return rc;
	if (rc == -EKEYEXPIRED)
		cor_log_debug(&x->ctx, "cookie %s is ignored: %s", name, sealing->strerror(rc));
	else
		cor_log_info(&x->ctx, "cookie %s is ignored: %s", name, sealing->strerror(rc));
	return 0;
}

static int unseal(struct cor_exchange *x, const struct cor_cookie *cookie, const char *name,
	struct cor_str text, struct cor_unsealed *ret)
{
	const struct cor_cookie_jar *jar = jar_of(x, name);
	int64_t max_age_s = cookie->max_age_s ? cookie->max_age_s : COR_FOREVER;

	if (!jar)
		return -EINVAL;
	int rc = cookie->seal == COR_SIGNED ? jar->sealing->unseal_signed(&x->ctx, jar->keys, name,
						      max_age_s, text, ret)
					    : jar->sealing->unseal_encrypted(&x->ctx, jar->keys,
						      name, max_age_s, text, ret);
	return rc < 0 ? refuse(x, jar->sealing, name, rc) : 1;
}

static int open_value(struct cor_exchange *x, const struct cor_cookie *cookie, const char *name,
	struct cor_str text, struct cor_unsealed *ret)
{
	struct cor_str value = cor_cookie_decode(&x->ctx.arena, text);

	if (!value.data)
		return -ENOMEM;
	if (cookie && cookie->seal != COR_UNSEALED)
		return unseal(x, cookie, name, value, ret);
	*ret = (struct cor_unsealed){ .value = value, .is_newest = true };
	return 1;
}

int cor_cookie_read(struct cor_exchange *x, const struct cor_cookie *cookie, const char *name,
	struct cor_unsealed *ret)
{
	bool is_sealed = cookie && cookie->seal != COR_UNSEALED;
	struct cor_str rest, found, value;
	int rc = cor_exchange_read_header(x, COR_STR("cookie"), &rest);

	if (rc == 0)
		rc = cor_cookie_vary(x);
	while (rc == 0 && cor_cookie_next(&rest, &found, &value))
		if (cor_str_equal(found, cor_str(name))) {
			rc = open_value(x, cookie, name, value, ret);
			if (!is_sealed)
				break;
		}
	return rc;
}

struct cor_str cor_cookie_said(const struct cor_exchange *x, const char *name)
{
	struct cor_str said = { 0 };

	for (const struct cor_reply_field *at = x->fields_out; at; at = at->next) {
		if (strcasecmp(at->name.data, "set-cookie") != 0)
			continue;
		struct cor_str pair = { at->value.data, strcspn(at->value.data, ";") };
		struct cor_str value = cor_cookie_find(pair, cor_str(name));
		said = value.data ? value : said;
	}
	return said;
}

int cor_cookie_read_said(struct cor_exchange *x, const struct cor_cookie *cookie, const char *name,
	struct cor_str said, struct cor_unsealed *ret)
{
	return said.len == 0 ? 0 : open_value(x, cookie, name, said, ret);
}

/* --- writing --- */

static bool is_secure(struct cor_exchange *x, const struct cor_cookie *cookie, const char *name)
{
	return cookie->secure || cookie->partitioned || cookie->same_site == COR_SAME_SITE_NONE ||
	       cor_cookie_name_is_secure(name) ||
	       strcasecmp(cor_request_scheme(&x->ctx), "https") == 0;
}

static void write_path(const struct cor_environment *home, const struct cor_cookie *cookie,
	struct cor_buffer *buffer)
{
	const char *path = cookie->path ? cookie->path : "/";
	bool is_all = path[1] == '\0';

	cor_buffer_printf(buffer, "; Path=%s%s", is_all || !home->prefix ? "" : home->prefix, path);
}

static void write_attributes(struct cor_exchange *x, const struct cor_environment *home,
	const struct cor_cookie *cookie, const char *name, struct cor_buffer *buffer)
{
	static const char *const same_sites[] = {
		[COR_SAME_SITE_LAX] = "Lax",
		[COR_SAME_SITE_STRICT] = "Strict",
		[COR_SAME_SITE_NONE] = "None",
	};

	write_path(home, cookie, buffer);
	if (cookie->domain)
		cor_buffer_printf(buffer, "; Domain=%s", cookie->domain);
	if (is_secure(x, cookie, name))
		cor_buffer_literal(buffer, "; Secure");
	if (!cookie->for_scripts)
		cor_buffer_literal(buffer, "; HttpOnly");
	cor_buffer_printf(buffer, "; SameSite=%s", same_sites[cookie->same_site]);
	if (cookie->partitioned)
		cor_buffer_literal(buffer, "; Partitioned");
}

static int send(struct cor_exchange *x, struct cor_buffer *buffer)
{
	cor_buffer_byte(buffer, '\0');
	int rc = cor_buffer_error(buffer);
	if (rc == 0)
		rc = cor_reply_header(&x->ctx, "Set-Cookie", buffer->data);
	cor_buffer_finish(buffer);
	return rc;
}

static int seal(struct cor_exchange *x, const struct cor_cookie *cookie, const char *name,
	struct cor_str value, struct cor_str *ret)
{
	const struct cor_cookie_jar *jar = jar_of(x, name);

	if (!jar)
		return -EINVAL;
	return cookie->seal == COR_SIGNED
		       ? jar->sealing->seal_signed(&x->ctx, jar->keys, name, value, ret)
		       : jar->sealing->seal_encrypted(&x->ctx, jar->keys, name, value, ret);
}

static int refuse_large(struct cor_exchange *x, const char *name, size_t bytes)
{
	cor_log_error(&x->ctx,
		"cookie %s has %zu bytes, and browsers keep no more than %d: keep less in it", name,
		bytes, COR_COOKIE_BYTES);
	return -COR_ETOOLARGE;
}

static int write(struct cor_exchange *x, const struct cor_environment *home,
	const struct cor_cookie *cookie, const char *name, struct cor_str value)
{
	struct cor_buffer buffer = { 0 };

	cor_buffer_printf(&buffer, "%s=", name);
	cor_cookie_encode(&buffer, value);
	if (buffer.len > COR_COOKIE_BYTES + 1) { /* and the '=' */
		size_t bytes = buffer.len - 1;
		cor_buffer_finish(&buffer);
		return refuse_large(x, name, bytes);
	}
	write_attributes(x, home, cookie, name, &buffer);
	if (cookie->max_age_s)
		cor_buffer_printf(&buffer, "; Max-Age=%" PRId64, cookie->max_age_s);
	return send(x, &buffer);
}

int cor_cookie_write(struct cor_exchange *x, const struct cor_environment *home,
	const struct cor_cookie *cookie, const char *name, struct cor_str value)
{
	const struct cor_cookie *how = cookie ? cookie : &plain;
	struct cor_str text = value;
	int rc = how->seal == COR_UNSEALED ? 0 : seal(x, how, name, value, &text);

	return rc < 0 ? rc : write(x, home, how, name, text);
}

int cor_cookie_remove(struct cor_exchange *x, const struct cor_environment *home,
	const struct cor_cookie *cookie, const char *name)
{
	struct cor_buffer buffer = { 0 };

	cor_buffer_printf(&buffer, "%s=", name);
	write_attributes(x, home, cookie ? cookie : &plain, name, &buffer);
	cor_buffer_literal(&buffer, "; Max-Age=0");
	return send(x, &buffer);
}

/* --- of handlers --- */

static int check(struct cor_ctx *ctx, const struct cor_cookie *cookie)
{
	const char *name = cookie->name ? cookie->name : "";
	const char *fault = cor_cookie_fault(cookie, name);

	if (!fault)
		return 0;
	cor_log_error(ctx, "cookie \"%s\" %s", name, fault);
	return -EINVAL;
}

int cor_cookie_get(struct cor_ctx *ctx, const struct cor_cookie *cookie, struct cor_str *ret)
{
	struct cor_exchange *x = cor_exchange_of(ctx);
	struct cor_unsealed unsealed;
	int rc = check(ctx, cookie);

	cor_ctx_look(ctx, __func__);
	if (rc == 0 && x)
		rc = cor_cookie_read(x, cookie, cookie->name, &unsealed);
	if (rc <= 0)
		return rc < 0 ? rc : -ENOENT;
	*ret = unsealed.value;
	return 0;
}

int cor_cookie_set(struct cor_ctx *ctx, const struct cor_cookie *cookie, struct cor_str value)
{
	struct cor_exchange *x = cor_exchange_of(ctx);
	int rc = check(ctx, cookie);

	return rc < 0 || !x ? rc
			    : cor_cookie_write(x, ctx->environment, cookie, cookie->name, value);
}

int cor_cookie_clear(struct cor_ctx *ctx, const struct cor_cookie *cookie)
{
	struct cor_exchange *x = cor_exchange_of(ctx);
	int rc = check(ctx, cookie);

	return rc < 0 || !x ? rc : cor_cookie_remove(x, ctx->environment, cookie, cookie->name);
}
