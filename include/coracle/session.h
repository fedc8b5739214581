/* SPDX-License-Identifier: MIT */
/**
 * Sessions: what a client is remembered by from one request to the next, as a struct.
 *
 *     struct visit {
 *             int64_t user_id;
 *     };
 *     COR_LOCAL_SCHEMA(visit_schema, struct visit, visit_fields);
 *     static const struct cor_session visits = { .keeps = COR_KEEPS(visit_schema) };
 *
 *     static int log_in(struct cor_ctx *ctx, const struct login *in, struct cor_none *out)
 *     {
 *             ...
 *             return cor_session_start(ctx, &visits, visit_schema, &(struct visit){ id });
 *     }
 *
 *     static int get_basket(struct cor_ctx *ctx, const struct cor_none *in, struct basket *out)
 *     {
 *             const struct visit *visit = cor_session(ctx, &visits, visit_schema);
 *             ...
 *     }
 *
 *     static const struct cor_service shop = {
 *             ..., .sessions = COR_SESSIONS(&visits), .sealing = &cor_sealing,
 *     };
 *
 * The struct is JSON in an encrypted cookie: nothing is kept here, every worker and every machine
 * with the same --cookie-keys can read it, and no client can make one up. It has some 3,000 bytes
 * of room. What it costs: a session that was ended lives on where somebody has kept a copy of the
 * cookie, until it is too old; and of two requests at the same time that both change it, one
 * counts.
 *
 * With .cache the cookie holds a random id of 256 bits, and the struct is in a cache (store.h),
 * under the SHA-256 of that: whoever reads the cache can act as nobody, but reads what sessions
 * keep, and whoever writes to it can make sessions. A session that is ended is over for all copies
 * of its cookie, at once and on all machines; its room is that of the cache; no .sealing is
 * needed. What it costs: a session is over when the cache loses it, and while the cache fails
 * there is none.
 *
 * To be let in by a session, COR_SESSION_SCHEME() makes a security scheme of it (security.h): that
 * has the document, the 401 (a 503 with Retry-After while the cache fails that could tell), and
 * keeps pages of other sites from posting with it.
 *
 * An answer that depends on a session says so (Vary: Cookie). Call from the fiber of the request.
 * Nothing here yields, but for sessions with .cache: their calls yield as those of its store do. In
 * a ctx without a request (a test) a session that was started is there for the calls that follow.
 */
#ifndef CORACLE_SESSION_H
#define CORACLE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/context.h>
#include <coracle/cookie.h>
#include <coracle/schema.h>
#include <coracle/store.h>

COR_BEGIN_DECLS

#define COR_SESSION_IDLE_S 86400   /* a day */
#define COR_SESSION_LIFE_S 1209600 /* two weeks */
#define COR_SESSIONS_MAX   16

/** One kind of session. Constant; known to the service by its .sessions. */
struct cor_session {
	/** COR_KEEPS(visit_schema): what it holds. */
	const struct cor_schema *keeps;
	/**
	 * Its cookie. The name is "session" unless it says another; "__Host-session" is safer where
	 * other hosts of the domain are not trusted, and needs https. .seal may be COR_SIGNED, so
	 * that the client can read it; .max_age_s is left out.
	 */
	struct cor_cookie cookie;
	/** Seconds after which it ends if no request has come. 0: COR_SESSION_IDLE_S. */
	int64_t idle_s;
	/** Seconds after which it ends in any case. 0: COR_SESSION_LIFE_S. */
	int64_t life_s;
	/** The browser forgets it when it is closed, as far as browsers do. */
	bool until_browser_ends;
	/**
	 * Keep it there, and an id in the cookie. NULL: all of it is in the cookie. The service
	 * lists it in .caches; one in the memory of a process is for a service of one process.
	 * Entries that are dropped for want of room are sessions that end: give it enough, and no
	 * other use. Copies that are near (.near_ttl_ms) are not asked.
	 */
	const struct cor_cache *cache;
	/**
	 * Pages of any origin may begin, change and end it. Else only those of the service's own,
	 * those that .cors lets send credentials, and clients that are no browsers. For an identity
	 * provider that has the browser post its answer (SAML, form_post of OpenID Connect): hold
	 * it to something that was kept when the login began.
	 */
	bool of_any_page;
};

/* clang-format off */

#define COR_KEEPS(schema_) (&(schema_).schema)

/** For a service's .sessions: COR_SESSIONS_MAX at most. */
#define COR_SESSIONS(...) \
	(const struct cor_session *const[]) { __VA_ARGS__, NULL }

/**
 * What the client is remembered by, typed:
 *
 *     const struct visit *visit = cor_session(ctx, &visits, visit_schema);
 *
 * NULL: there is no session: none was begun, it is over, or was sealed by no key of today. What a
 * request has started, changed or ended counts from then on. Lives as long as ctx. A session that
 * has grown somewhat older is sealed again with the reply, so that it ends .idle_s after the last
 * request, and when the keys were rotated. NULL, too, if the service does not list it or it keeps
 * another schema, which the log says, or memory has run out; and while its cache fails, which the
 * log says once.
 */
#define cor_session(ctx, session, schema_) \
	((const __typeof__(*(schema_).type) *)cor_session_value( \
		(ctx), (session), &(schema_).schema))

/**
 * Begin a session, in place of the one that there may be: at a login. Its time begins anew, and so
 * does what a client that knew the old one can do with it.
 *
 *     rc = cor_session_start(ctx, &visits, visit_schema, &(struct visit){ .user_id = id });
 *
 * The struct is copied. Returns 0, -ENOMEM, -COR_EINVALID (a value that has no JSON,
 * or breaks a rule of its table: the log says which, as it would be no session when it came back),
 * -COR_ETOOLARGE (the cookie has more than COR_COOKIE_BYTES: keep an id, and the rest in a
 * database), -EINVAL (the service does not list it, or it keeps another schema), -COR_ECLOSED
 * (the response head has been sent) or -COR_EPROBLEM (a page of another origin has sent the
 * request, which is no GET: a 403, see .of_any_page). A handler can return the code; one that
 * others can post to has 403 among its .problems.
 *
 * With .cache it has a new id, and what was kept under the old one is dropped. Also returns what
 * putting into the cache says (store.h: -ETIMEDOUT, -ECONNREFUSED, ...): no session has begun; then
 * -COR_ETOOLARGE is of the cache (a change of more than .value_bytes leaves what was; one that the
 * server or .bytes have no room for ends the session), and -EINVAL also says that the service does
 * not list the cache, or that this is a handler in a process of a pool, which has none.
 */
#define cor_session_start(ctx, session, schema_, ...) \
	cor_session_put((ctx), (session), &(schema_).schema, \
		COR_TYPED_((__VA_ARGS__), schema_), true)

/**
 * The same with another value, but its time goes on. Returns as cor_session_start(), or -ENOENT:
 * there is no session. With .cache the last of several changes counts, and none brings back a
 * session that was ended meanwhile: -ENOENT.
 */
#define cor_session_change(ctx, session, schema_, ...) \
	cor_session_put((ctx), (session), &(schema_).schema, \
		COR_TYPED_((__VA_ARGS__), schema_), false)

/* clang-format on */

/**
 * End it: the browser forgets the cookie. Returns 0, also if there was none, or as
 * cor_session_start(). With .cache a code of the cache says that a copy of the cookie may live on
 * until it is too old.
 */
COR_API int cor_session_end(struct cor_ctx *ctx, const struct cor_session *session) COR_CHECKED;

/** The functions behind the macros. */
COR_API const void *cor_session_value(
	struct cor_ctx *ctx, const struct cor_session *session, const struct cor_schema *schema);
COR_API int cor_session_put(struct cor_ctx *ctx, const struct cor_session *session,
	const struct cor_schema *schema, const void *value, bool is_new) COR_CHECKED;

COR_END_DECLS
#endif
