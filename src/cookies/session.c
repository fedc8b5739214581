/* SPDX-License-Identifier: MIT */
/*
 * A session is sealed as "SECONDS JSON": when it began, since 1970, and the struct. Of one that is
 * in a cache the cookie is an id; session_entry.h has the rest.
 */
#include "cookies/session.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/log.h>

#include "base/number.h"
#include "cookies/cookie.h"
#include "cookies/session_entry.h"
#include "cors/cors.h"
#include "http/cookie.h"

#define RENEWALS 8 /* in .idle_s, at most: not each answer needs a new cookie */
#define IDS_MAX  4 /* that are looked for, of those that a request has sent */

/* What is known of a session; kept with the ctx. */
struct visit {
	const void *value; /* NULL: there is none */
	int64_t began_s;
	const char *said;                 /* what the reply set then; NULL: nothing */
	char id[COR_SESSION_ID_TEXT + 1]; /* of one in a cache; "": it has none */
	bool is_unknown;                  /* there is none, because the cache fails */
};

const char *cor_session_name(const struct cor_session *session)
{
	return session->cookie.name ? session->cookie.name : "session";
}

static int64_t idle_s(const struct cor_session *session)
{
	return session->idle_s ? session->idle_s : COR_SESSION_IDLE_S;
}

static int64_t life_s(const struct cor_session *session)
{
	return session->life_s ? session->life_s : COR_SESSION_LIFE_S;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t now_s(void)
{
	return (int64_t)cor_now().tv_sec;
}

/* Its own address stands for it among the values of a ctx. */
static const struct cor_schema *key_of(const struct cor_session *session)
{
	return (const struct cor_schema *)(const void *)session;
}

static struct cor_str said_of(const struct cor_ctx *ctx, const struct cor_session *session)
{
	return ctx->request ? cor_cookie_said(ctx->request, cor_session_name(session))
			    : (struct cor_str){ 0 };
}

static int keep(struct cor_ctx *ctx, const struct cor_session *session, const struct visit *visit)
{
	struct visit kept = *visit;

	kept.said = said_of(ctx, session).data;
	return cor_ctx_set_value(ctx, key_of(session), sizeof kept, &kept);
}

static const struct cor_session *of_key(
	const struct cor_cookie_jar *jar, const struct cor_schema *key)
{
	const struct cor_session *const *at = jar ? jar->sessions : NULL;

	while (at && *at && key_of(*at) != key)
		at++;
	return at ? *at : NULL;
}

int cor_session_copy(const struct cor_ctx *ctx, const struct cor_schema *key, const void *value,
	struct cor_arena *arena, void **ret)
{
	const struct cor_session *session = of_key(
		ctx->environment ? ctx->environment->cookies : NULL, key);
	const struct visit *visit = value;

	if (!session)
		return 0;
	struct visit *copy = cor_arena_alloc(arena, sizeof *copy);
	void *kept = copy && visit->value ? cor_arena_alloc(arena, session->keeps->size) : NULL;
	if (!copy || (visit->value && !kept))
		return -ENOMEM;
	*copy = *visit;
	copy->value = kept;
	copy->said = NULL;
	int rc = kept ? cor_copy_struct(arena, session->keeps, visit->value, kept) : 0;
	*ret = copy;
	return rc < 0 ? rc : 1;
}

static bool is_listed(struct cor_ctx *ctx, const struct cor_session *session)
{
	const struct cor_cookie_jar *jar = ctx->environment->cookies;

	if (!ctx->request || cor_cookie_jar_has(jar, session))
		return true;
	cor_log_error(ctx, "session %s is not the service's: list it in .sessions",
		cor_session_name(session));
	return false;
}

static bool keeps(
	struct cor_ctx *ctx, const struct cor_session *session, const struct cor_schema *schema)
{
	if (session->keeps == schema)
		return true;
	cor_log_error(ctx, "session %s keeps %s, and was asked for %s", cor_session_name(session),
		session->keeps->symbol, schema->symbol);
	return false;
}

/* --- writing --- */

static bool lists(const struct cor_environment *home, const struct cor_session *session)
{
	const struct cor_session *const *at = home->sessions;

	while (at && *at && *at != session)
		at++;
	return at && *at;
}

/* Where the service is mounted whose session it is: the nearest around that lists it. */
static const struct cor_environment *home_of(
	const struct cor_ctx *ctx, const struct cor_session *session)
{
	const struct cor_environment *home = ctx->environment, *last = home;

	for (; home && !lists(home, session); home = home->outer)
		last = home;
	return home ? home : last;
}

/* As its cookie is set now: sealed, and for as long as it can last. */
static struct cor_cookie cookie_of(const struct cor_session *session, int64_t began_s)
{
	struct cor_cookie cookie = session->cookie;

	if (cookie.seal == COR_UNSEALED && !session->cache)
		cookie.seal = COR_ENCRYPTED;
	if (!session->until_browser_ends)
		cookie.max_age_s = least(
			least(idle_s(session), began_s + life_s(session) - now_s()),
			COR_COOKIE_MAX_AGE_S);
	return cookie;
}

/* What breaks a rule of its table would be no session when it comes back. */
static int hold_to_table(
	struct cor_exchange *x, const struct cor_session *session, struct cor_str json)
{
	struct cor_violations found = { 0 };
	void *value = cor_alloc(&x->ctx, session->keeps->size);
	int rc = value ? cor_decode_json(x->ctx.environment->codec, &x->ctx.arena, session->keeps,
				 value, json, &found)
		       : -ENOMEM;

	if (rc == 0 || rc == -ENOMEM)
		return rc;
	cor_log_error(&x->ctx, "session %s is not kept: what it shall keep is no %s: \"%s\" %s",
		cor_session_name(session), session->keeps->symbol,
		found.first ? found.first->where : "",
		found.first ? found.first->detail : "has no JSON");
	return -COR_EINVALID;
}

static int send_cookie(struct cor_exchange *x, const struct cor_session *session,
	const struct visit *visit, const char *text)
{
	const struct cor_cookie cookie = cookie_of(session, visit->began_s);
	int rc = text ? cor_cookie_vary(x) : -ENOMEM;

	return rc < 0 ? rc
		      : cor_cookie_write(x, home_of(&x->ctx, session), &cookie,
				cor_session_name(session), cor_str(text));
}

/* Keep it in the cache until it is too old, from now on. */
static int put(struct cor_exchange *x, const struct cor_session *session, const struct visit *visit,
	struct cor_str json, enum cor_put how, uint64_t version)
{
	const struct cor_session_entry entry = {
		.began_s = visit->began_s, .seen_s = now_s(), .json = json, .version = version
	};
	int64_t left_s = least(idle_s(session), visit->began_s + life_s(session) - entry.seen_s);

	return cor_session_entry_put(&x->ctx, session, cor_str(visit->id), &entry, how,
		least(left_s, COR_COOKIE_MAX_AGE_S));
}

/* `how` is for one in a cache: a new one, or over the one that is there. */
static int send(struct cor_exchange *x, const struct cor_session *session,
	const struct visit *visit, enum cor_put how)
{
	struct cor_str json;
	int rc = cor_encode_json(
		x->ctx.environment->codec, &x->ctx.arena, session->keeps, visit->value, &json);

	if (rc == 0)
		rc = hold_to_table(x, session, json);
	if (rc == 0 && session->cache)
		rc = put(x, session, visit, json, how, 0);
	if (rc < 0)
		return rc;
	return send_cookie(x, session, visit,
		session->cache ? visit->id
			       : cor_arena_printf(&x->ctx.arena, "%" PRId64 " %.*s", visit->began_s,
					 (int)json.len, json.data));
}

/* --- reading --- */

/* What was written by another version of the service may have no place in the struct. */
static int decode(
	struct cor_exchange *x, const struct cor_session *session, struct cor_str json, void *value)
{
	struct cor_violations found = { 0 };
	int rc = cor_decode_json(
		x->ctx.environment->codec, &x->ctx.arena, session->keeps, value, json, &found);

	if (rc == 0 || rc == -ENOMEM)
		return rc < 0 ? rc : 1;
	cor_log_info(&x->ctx, "session %s is ignored: what it keeps is not a %s any more",
		cor_session_name(session), session->keeps->symbol);
	return 0;
}

static int take_json(struct cor_exchange *x, const struct cor_session *session, int64_t began_s,
	struct cor_str json, struct visit *ret)
{
	ret->began_s = began_s;
	if (now_s() - began_s >= life_s(session))
		return 0;
	void *value = cor_alloc(&x->ctx, session->keeps->size);
	if (!value)
		return -ENOMEM;
	ret->value = value;
	return decode(x, session, json, value);
}

/* Returns 1, 0 if it is over or is no session, or -ENOMEM. */
static int take(struct cor_exchange *x, const struct cor_session *session, struct cor_str text,
	struct visit *ret)
{
	const char *blank = text.len ? memchr(text.data, ' ', text.len) : NULL;
	size_t len = blank ? (size_t)(blank - text.data) : 0;
	uint64_t began_s;

	if (!blank || cor_number_parse_uint64((struct cor_str){ text.data, len }, &began_s) < 0 ||
		began_s > INT64_MAX / 2)
		return 0;
	return take_json(x, session, (int64_t)began_s,
		(struct cor_str){ blank + 1, text.len - len - 1 }, ret);
}

static int read_sealed(struct cor_exchange *x, const struct cor_session *session,
	struct cor_str said, struct visit *ret)
{
	struct cor_cookie cookie = cookie_of(session, now_s());
	struct cor_unsealed unsealed;

	cookie.max_age_s = idle_s(session);
	const char *name = cor_session_name(session);
	int rc = said.data ? cor_cookie_read_said(x, &cookie, name, said, &unsealed)
			   : cor_cookie_read(x, &cookie, name, &unsealed);
	if (rc > 0)
		rc = take(x, session, unsealed.value, ret);
	if (rc <= 0) {
		ret->value = NULL;
		return rc;
	}
	if (said.data || x->reply_state != COR_REPLY_NONE ||
		(unsealed.is_newest && unsealed.age_s <= idle_s(session) / RENEWALS))
		return 0;
	return send(x, session, ret, COR_PUT_ALWAYS);
}

/* --- reading one that is in a cache --- */

/* The next that a request has sent as one: another host may have tossed some in. */
static bool next_id(const struct cor_session *session, struct cor_str *rest, struct cor_str *ret)
{
	struct cor_str name;

	while (cor_cookie_next(rest, &name, ret))
		if (cor_str_equal(name, cor_str(cor_session_name(session))) &&
			cor_session_id_is(*ret))
			return true;
	return false;
}

/* What is looked for: one round trip each. */
struct ids {
	size_t len;
	struct cor_str items[IDS_MAX];
};

static int find_ids(struct cor_exchange *x, const struct cor_session *session, struct cor_str said,
	struct ids *ret)
{
	struct cor_str rest;

	*ret = (struct ids){ 0 };
	if (said.data) {
		ret->items[0] = said;
		ret->len = cor_session_id_is(said);
		return 0;
	}
	int rc = cor_exchange_read_header(x, COR_STR("cookie"), &rest);
	if (rc == 0)
		rc = cor_cookie_vary(x);
	while (rc == 0 && ret->len < IDS_MAX && next_id(session, &rest, &ret->items[ret->len]))
		ret->len++;
	return rc;
}

/* Somebody may have ended it since it was read: then it is over, and stays so. */
static int renew(struct cor_exchange *x, const struct cor_session *session,
	const struct cor_session_entry *entry, struct visit *visit)
{
	int rc = put(x, session, visit, entry->json, COR_PUT_UNCHANGED, entry->version);

	if (rc == -ENOENT)
		visit->value = NULL;
	if (rc == 0 || rc == -ESTALE)
		return send_cookie(x, session, visit, visit->id);
	return rc == -ENOMEM ? rc : 0;
}

/* Returns 1, 0 if there is none, or a negative code. */
static int read_entry(struct cor_exchange *x, const struct cor_session *session, struct cor_str id,
	struct visit *ret, struct cor_session_entry *ret_entry)
{
	int rc = cor_session_entry_get(&x->ctx, session, id, ret_entry);

	if (rc > 0 && now_s() - ret_entry->seen_s > idle_s(session))
		return 0;
	if (rc > 0)
		rc = take_json(x, session, ret_entry->began_s, ret_entry->json, ret);
	if (rc > 0)
		memcpy(ret->id, id.data, id.len);
	else
		ret->value = NULL;
	return rc;
}

static int read_kept(struct cor_exchange *x, const struct cor_session *session, struct cor_str said,
	struct visit *ret)
{
	struct cor_session_entry entry = { 0 };
	struct ids ids;
	int rc = find_ids(x, session, said, &ids);

	for (size_t i = 0; rc == 0 && i < ids.len; i++) {
		rc = read_entry(x, session, ids.items[i], ret, &entry);
		ret->is_unknown |= rc == 0 && entry.has_failed;
	}
	ret->is_unknown = ret->is_unknown && rc == 0;
	if (rc <= 0)
		return rc;
	if (said.data || x->reply_state != COR_REPLY_NONE ||
		now_s() - entry.seen_s <= idle_s(session) / RENEWALS)
		return 0;
	return renew(x, session, &entry, ret);
}

static int read(struct cor_exchange *x, const struct cor_session *session, struct cor_str said,
	struct visit *ret)
{
	return session->cache ? read_kept(x, session, said, ret)
			      : read_sealed(x, session, said, ret);
}

/* A handler on an executor knows by itself what it sets; middleware around it sees the cookie. */
static int find(struct cor_ctx *ctx, const struct cor_session *session, struct visit *ret)
{
	const struct visit *known = cor_ctx_find_value(ctx, key_of(session));
	struct cor_str said = said_of(ctx, session);

	if (known && (!said.data || said.data == known->said)) {
		*ret = *known;
		return 0;
	}
	*ret = (struct visit){ 0 };
	if (!ctx->request)
		return 0;
	int rc = read(ctx->request, session, said, ret);
	return rc < 0 ? rc : keep(ctx, session, ret);
}

int cor_session_find(struct cor_ctx *ctx, const struct cor_session *session, const void **ret)
{
	struct visit visit = { 0 };
	int rc = is_listed(ctx, session) ? find(ctx, session, &visit) : -EINVAL;

	*ret = rc < 0 ? NULL : visit.value;
	return rc == 0 && visit.is_unknown ? 1 : rc;
}

const void *cor_session_value(
	struct cor_ctx *ctx, const struct cor_session *session, const struct cor_schema *schema)
{
	const void *value;

	cor_ctx_look(ctx, "cor_session");
	if (!keeps(ctx, session, schema) || cor_session_find(ctx, session, &value) < 0)
		return NULL;
	return value;
}

/* --- changing --- */

/* Or it could log a client in, as somebody whose password it knows, and see what it then does. */
static int refuse_others(struct cor_ctx *ctx, const struct cor_session *session)
{
	if (session->of_any_page || !cor_cors_is_crossed(ctx->request))
		return 0;
	return cor_problem(ctx, 403, 0,
		"a page of another origin has sent this, and session %s is not for such: see .cors",
		cor_session_name(session));
}

/* A WebSocket may try it with each message, and takes no memory for it. */
static int admit_change(struct cor_ctx *ctx, const struct cor_session *session)
{
	const struct cor_exchange *x = ctx->request;

	if (!x)
		return 0;
	return x->reply_state != COR_REPLY_NONE ? -COR_ECLOSED : refuse_others(ctx, session);
}

/* What is in the cache of all that the client has sent, and of the one that is known here. */
static int drop(struct cor_ctx *ctx, const struct cor_session *session)
{
	const struct visit *known = cor_ctx_find_value(ctx, key_of(session));
	struct cor_str rest, id;
	int failed = 0;

	if (!session->cache || !ctx->request)
		return 0;
	int rc = cor_exchange_read_header(ctx->request, COR_STR("cookie"), &rest);
	if (rc < 0)
		return rc;
	if (known && known->id[0])
		failed = cor_session_entry_drop(ctx, session, cor_str(known->id));
	while (next_id(session, &rest, &id)) {
		rc = cor_session_entry_drop(ctx, session, id);
		failed = rc < 0 ? rc : failed;
	}
	return failed;
}

static void begin(const struct cor_session *session, struct visit *visit)
{
	visit->began_s = now_s();
	if (session->cache)
		cor_session_id_make(visit->id);
}

int cor_session_put(struct cor_ctx *ctx, const struct cor_session *session,
	const struct cor_schema *schema, const void *value, bool is_new)
{
	struct visit visit = { 0 };

	cor_ctx_look(ctx, is_new ? "cor_session_start" : "cor_session_change");
	if (!keeps(ctx, session, schema) || !is_listed(ctx, session))
		return -EINVAL;
	int rc = admit_change(ctx, session);
	if (rc == 0 && !is_new)
		rc = find(ctx, session, &visit);
	if (rc < 0)
		return rc;
	if (!is_new && !visit.value)
		return -ENOENT;
	void *copy = cor_alloc(ctx, schema->size);
	rc = copy ? cor_copy_struct(&ctx->arena, schema, value, copy) : -ENOMEM;
	if (rc < 0)
		return rc;
	visit.value = copy;
	if (is_new)
		begin(session, &visit);
	if (ctx->request)
		rc = send(ctx->request, session, &visit, is_new ? COR_PUT_NEW : COR_PUT_OVER);
	if (rc == -ENOENT) /* it was ended meanwhile */
		cor_ignore(keep(ctx, session, &(struct visit){ 0 }));
	if (rc == 0 && is_new)
		cor_ignore(drop(ctx, session)); /* whoever knows it has the old one, not this */
	return rc < 0 ? rc : keep(ctx, session, &visit);
}

int cor_session_end(struct cor_ctx *ctx, const struct cor_session *session)
{
	const struct visit none = { 0 };

	if (!is_listed(ctx, session))
		return -EINVAL;
	int rc = admit_change(ctx, session);
	if (rc < 0)
		return rc;
	int dropped = drop(ctx, session);
	if (ctx->request) {
		rc = cor_cookie_vary(ctx->request);
		if (rc == 0)
			rc = cor_cookie_remove(ctx->request, home_of(ctx, session),
				&session->cookie, cor_session_name(session));
	}
	if (rc == 0)
		rc = keep(ctx, session, &none);
	return rc < 0 ? rc : dropped;
}
