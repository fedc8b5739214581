/* SPDX-License-Identifier: MIT */
/**
 * A cookie jar: what other servers have set, shown to them again by later calls. With it, calls are
 * a session, as with requests' Session.
 *
 *     struct cor_cookie_jar *jar;
 *     rc = cor_cookie_jar_create(&jar);
 *     rc = cor_http_post(ctx, &shop, COR_NONE, NULL, COR_PATH("/login"),
 *             .in = COR_VALUE(login_schema, &login), .jar = jar);
 *     rc = cor_http_get(ctx, &shop, basket_schema, &basket, COR_PATH("/basket"), .jar = jar);
 *     cor_cookie_jar_destroy(jar);
 *
 * A jar is the caller's: one for a request, for a user, or for a whole program. Whoever calls with
 * it has the identity that is in it, so no upstream has one by itself.
 *
 * Cookies are kept and sent by RFC 6265bis (draft 20): by host, path, Secure, Max-Age and Expires,
 * and the prefixes __Secure- and __Host-, anew for each redirect and retry. A cookie of one host is
 * sent to all of its ports, as the RFC has it. Coracle has no list of public suffixes: a Domain of
 * one label ("com") is refused, but one like "co.uk" is not. So put servers that do not trust each
 * other below one registry's name into different jars. HttpOnly and SameSite are for browsers.
 *
 * The call's own cookies (rows .from = COR_FROM_COOKIE, or a header Cookie) are sent besides, in
 * place of those of the same name, and are not kept. Neither names nor values are in the log,
 * but for the name of one that is refused, at level debug.
 *
 * Any thread may use a jar, several at the same time; destroy it when no call has it any more.
 * Nothing here yields.
 */
#ifndef CORACLE_COOKIE_JAR_H
#define CORACLE_COOKIE_JAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/context.h>

COR_BEGIN_DECLS

struct cor_cookie_jar;

/* Of more, those that were sent least recently go, first of the host, and first of plain http. */
#define COR_COOKIE_JAR_HOST_MAX 50   /* cookies of one Domain, or of a host without */
#define COR_COOKIE_JAR_MAX      3000 /* of a jar */
#define COR_COOKIE_JAR_BYTES    (1024 * 1024)
/** Of a header Cookie; what does not fit is not sent: shorter paths first, then newer cookies. */
#define COR_COOKIE_HEADER_BYTES 8190

/** Make one without a cookie. Returns 0 or -ENOMEM. The caller owns *ret. */
COR_API int cor_cookie_jar_create(struct cor_cookie_jar **ret) COR_CHECKED;

/** Wipe and free it. NULL is allowed. */
COR_API void cor_cookie_jar_destroy(struct cor_cookie_jar *jar);

/** Take all cookies out. */
COR_API void cor_cookie_jar_clear(struct cor_cookie_jar *jar);

/**
 * Put a cookie in, as if `url` had answered with the header Set-Cookie: "token=7; Path=/; Secure".
 * One with "Max-Age=0" takes the cookie out. Returns 0, -ENOMEM, or -COR_EINVALID: the URL or the
 * cookie is none, or that URL may not set it.
 */
COR_API int cor_cookie_jar_set(
	struct cor_cookie_jar *jar, const char *url, const char *set_cookie) COR_CHECKED;

/** A cookie as it is kept. */
struct cor_jar_cookie {
	const char *name; /* "": it has none */
	const char *value;
	const char *domain; /* "example.com"; of a unix socket "unix:/run/x.sock" */
	const char *path;
	bool is_host_only; /* it is for no host below the domain */
	bool is_secure;    /* it is sent over https alone */
	/** When it ends, in Unix time; COR_JAR_COOKIE_ENDLESS: with the jar. */
	int64_t expires_s;
};

#define COR_JAR_COOKIE_ENDLESS INT64_MAX

/**
 * The cookies, the oldest first, without those that have ended: to look one up, or to save them
 * (they are secrets). The last has a name of NULL. They are copies that belong to ctx. NULL: no
 * memory.
 */
COR_API const struct cor_jar_cookie *cor_cookie_jar_list(
	struct cor_ctx *ctx, struct cor_cookie_jar *jar);

COR_END_DECLS
#endif
