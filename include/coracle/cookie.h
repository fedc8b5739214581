/* SPDX-License-Identifier: MIT */
/**
 * Cookies: what a browser keeps for the service and sends back with each request (RFC 6265, and
 * its successor "6265bis" for SameSite, prefixes and partitions).
 *
 * Rows read and set them, as they do with headers; the row's key is the cookie's name:
 *
 *     static const struct cor_field page_ref_fields[] = {
 *             COR_ENUM(struct page_ref, theme, themes, .from = COR_FROM_COOKIE,
 *                     .fallback = "\"light\""),
 *     };
 *     static const struct cor_cookie for_a_year = { .max_age_s = 31536000 };
 *     static const struct cor_field choice_fields[] = {
 *             COR_ENUM(struct choice, theme, themes, .to = COR_TO_COOKIE, .cookie = &for_a_year),
 *     };
 *
 * A row without .cookie sets one with all defaults, which are the careful ones: no script reads it,
 * other sites do not send it (but by a link), it goes by https alone once it came so, and ends with
 * the browser. A NULL that .presence allows as COR_NULLABLE takes the cookie away; what is left out
 * (COR_OPTIONAL) sets none.
 *
 * Any text can be a value: bytes that RFC 6265 section 4.1.1 does not allow are percent-encoded,
 * and decoded when they come back. A client may send what it likes: what it must not change, or
 * must not read, is sealed. For what a client is remembered by see session.h.
 *
 * All of it is constant data. Nothing here yields; call from the fiber of the request.
 */
#ifndef CORACLE_COOKIE_H
#define CORACLE_COOKIE_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/context.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

#define COR_COOKIE_BYTES     4096     /* of name and value: browsers drop what is larger */
#define COR_COOKIE_MAX_AGE_S 34560000 /* 400 days: browsers keep none for longer */

/** Whether a browser sends it with what pages of other sites ask for. */
enum cor_same_site {
	COR_SAME_SITE_LAX =
		0, /* when somebody follows a link, not with what a page posts or loads */
	COR_SAME_SITE_STRICT, /* never */
	COR_SAME_SITE_NONE,   /* always; it goes by https alone then */
};

/** Who can read and change it besides the service. */
enum cor_cookie_seal {
	COR_UNSEALED = 0, /* everybody at the other end */
	COR_SIGNED,       /* they can read it, and change nothing */
	COR_ENCRYPTED,    /* they can do neither */
};

/** How a browser keeps a cookie. */
struct cor_cookie {
	/** Of one that has no row: a row's name is its key, and a .name may only repeat it. */
	const char *name;
	/**
	 * Which paths it is sent to: this one and all below; it stands behind the prefix of the
	 * service that sets it, where that is mounted (mount.h). NULL: "/", all of the host.
	 */
	const char *path;
	/** It is sent to this host and to all below it: "example.com". NULL: to this host alone. */
	const char *domain;
	/** Seconds; COR_COOKIE_MAX_AGE_S at most. 0: until the browser ends. */
	int64_t max_age_s;
	enum cor_same_site same_site;
	/**
	 * It goes by https alone, even if it was set over http. It does so by itself where the
	 * client came by https (cor_request_scheme()), with COR_SAME_SITE_NONE, in partitions, and
	 * if its name begins with "__Host-" or "__Secure-".
	 */
	bool secure;
	/** Scripts of the page may read it: it is not HttpOnly. */
	bool for_scripts;
	/** One for each site that embeds the service's pages (CHIPS). */
	bool partitioned;
	/**
	 * Other than COR_UNSEALED: by the keys of --cookie-keys, for the name of the cookie, and
	 * for .max_age_s if that is given. The service has .sealing (service.h). One that was
	 * changed, is too old, or that no key of today has sealed is as if it had not been sent;
	 * the log says why.
	 */
	enum cor_cookie_seal seal;
};

/**
 * Read a cookie that no row has: the first of that name, decoded; if it is sealed the first whose
 * seal is right. In the memory of ctx.
 *
 * Returns 0, -ENOENT (it was not sent, or its seal is not right), -EINVAL (the struct contradicts
 * itself, or the service has no .sealing; the log says so) or -ENOMEM.
 */
COR_API int cor_cookie_get(
	struct cor_ctx *ctx, const struct cor_cookie *cookie, struct cor_str *ret) COR_CHECKED;

/**
 * Set a cookie with the reply, whether that is a success or a problem; the last call of a name
 * counts. Everything is copied. In a ctx without a request it goes nowhere.
 *
 * Returns 0, -EINVAL (as above), -COR_ETOOLARGE (name and value have more than COR_COOKIE_BYTES
 * when they are encoded), -ENOMEM, or -COR_ECLOSED (the response head has been sent).
 */
COR_API int cor_cookie_set(
	struct cor_ctx *ctx, const struct cor_cookie *cookie, struct cor_str value) COR_CHECKED;

/** Take it away from the browser. Returns as cor_cookie_set(). */
COR_API int cor_cookie_clear(struct cor_ctx *ctx, const struct cor_cookie *cookie) COR_CHECKED;

COR_END_DECLS
#endif
