/* SPDX-License-Identifier: MIT */
/**
 * What a call shows of itself to an upstream: .credentials of struct cor_upstream, or of a call.
 *
 *     struct shop_settings { const char *price_token; };
 *     static const struct cor_field shop_settings_fields[] = {
 *             COR_FIELD(struct shop_settings, price_token, .access = COR_WRITE_ONLY),
 *     };
 *     COR_LOCAL_SCHEMA(shop_settings_schema, struct shop_settings, shop_settings_fields);
 *     COR_SECRET_SETTING(price_token, shop_settings_schema, price_token)
 *
 *     static const struct cor_upstream prices = {
 *             .name = "prices",
 *             .base_url = "http://prices:8080",
 *             .credentials = COR_CREDENTIALS(.bearer = price_token),
 *     };
 *
 * An upstream is constant data, and a secret is not: so a function gives it, each time that a
 * request is sent. It may take it from a setting, from cor_state() or from a file, and may yield;
 * what it returns must last as long as ctx.
 *
 * Credentials are of the origin that the call is made to (scheme, host, port): a redirect that
 * leads to another goes without them. They are in no log and in no failure. A header that a call
 * has in .headers itself is sent instead of that of the credentials.
 */
#ifndef CORACLE_CREDENTIALS_H
#define CORACLE_CREDENTIALS_H

#include <stdint.h>

#include <coracle/api.h>
#include <coracle/context.h>
#include <coracle/str.h>
#include <coracle/upstream.h>

COR_BEGIN_DECLS

struct cor_hashing; /* hashing.h */
struct cor_signing;

/** User and password: RFC 7617. */
struct cor_basic_credentials {
	/** Without ':'. */
	const char *user;
	/** Instead of .user, where it is a setting. NULL: .user is it. */
	const char *(*user_of)(struct cor_ctx *ctx);
	const char *(*password)(struct cor_ctx *ctx);
};

/**
 * User and password that are proved, and not sent: RFC 7616, with MD5, SHA-256 or SHA-512-256,
 * their "-sess", qop=auth, and auth-int where the server wants nothing less and the body is in
 * memory.
 *
 * The server asks first: the first request of a thread is answered by a 401, and sent again. A body
 * that cannot be sent twice (.source without .rewind, .relayed) fails there as COR_FAILED_STATUS.
 * Later ones show what they know, until the server names a new nonce. The answer's own proof
 * (rspauth) is not checked: TLS says who the server is.
 */
struct cor_digest_credentials {
	/** &cor_hashing of <coracle/hashing.h>, which brings OpenSSL. */
	const struct cor_hashing *hashing;
	const char *user;
	/** Instead of .user, where it is a setting. NULL: .user is it. */
	const char *(*user_of)(struct cor_ctx *ctx);
	const char *(*password)(struct cor_ctx *ctx);
};

/** A secret in a place that the upstream has chosen. */
struct cor_key_credentials {
	/** Of the header, or of the parameter of the query. */
	const char *name;
	const char *(*key)(struct cor_ctx *ctx);
};

/**
 * A token that another server gives: OAuth 2.0, client credentials (RFC 6749 section 4.4).
 *
 * It is kept for all threads of the process, and one call asks for a new one before it ends, while
 * the others go on with the old one. A 401 renews it once in a call. If the server of tokens fails,
 * so does the call, as that one's: cor_http_failure() and the log have its name.
 */
struct cor_token_credentials {
	/** The server that gives it, one of the service's .upstreams. */
	const struct cor_upstream *upstream;
	/** "/oauth/token". */
	const char *path;
	const char *client_id;
	/** Instead of .client_id, where it is a setting. NULL: .client_id is it. */
	const char *(*client_id_of)(struct cor_ctx *ctx);
	const char *(*client_secret)(struct cor_ctx *ctx);
	/** "books.read books.write". NULL: as the server has it. */
	const char *scope;
	/** COR_HTTP_FIELDS({ "audience", "https://prices" }): what else the server asks for. */
	const struct cor_http_field *parameters;
	/** How client and secret are sent: RFC 6749 section 2.3.1. */
	enum { COR_CLIENT_BY_BASIC = 0, COR_CLIENT_BY_FORM } client_by;
};

/**
 * Exactly one of these. A function that returns NULL has no secret: the call fails as
 * COR_FAILED_CREDENTIALS, and nothing is sent.
 */
struct cor_credentials {
	/** Authorization: Basic. */
	struct cor_basic_credentials basic;
	/** Authorization: Digest. */
	struct cor_digest_credentials digest;
	/**
	 * Authorization: Basic, with the login of the host (without its port) in a file as ftp and
	 * curl have it: "/run/secrets/netrc", or "~/.netrc" below $HOME, which is for programs and
	 * not for servers. Without a "machine" of that name, and a "default", nothing is sent. The
	 * file is read for each request; one that others may read, or that is not there, fails.
	 */
	const char *netrc;
	/** Authorization: Bearer (RFC 6750 section 2.1). */
	const char *(*bearer)(struct cor_ctx *ctx);
	/** A header: .header = { "X-Api-Key", price_key }. */
	struct cor_key_credentials header;
	/**
	 * A parameter of the query: .query = { "key", price_key }. Servers and proxies on the way
	 * write queries to their logs: where there is a choice, take a header.
	 */
	struct cor_key_credentials query;
	/** Authorization: Bearer, with a token that is fetched. */
	struct cor_token_credentials token;
	/**
	 * Sign a request that is about to be sent, each time that it is: with retries and
	 * redirects. May yield. Returns 0, or a negative code, which the call returns; a problem
	 * that it has recorded stays.
	 */
	int (*sign)(struct cor_ctx *ctx, struct cor_signing *signing);
};

/* clang-format off */

/** For .credentials of an upstream or of a call. */
#define COR_CREDENTIALS(...) \
	(&(const struct cor_credentials){ __VA_ARGS__ })

/** For .credentials of a call: none, though the upstream has some. */
#define COR_NO_CREDENTIALS \
	(&(const struct cor_credentials){ .bearer = NULL })

/**
 * Define the function that takes a secret from a member of the service's settings, a const char *.
 * <coracle/service.h> has what it needs.
 */
#define COR_SECRET_SETTING(function_, schema_, member_) \
	static const char *function_(struct cor_ctx *ctx) \
	{ \
		const __typeof__(*(schema_).type) *settings = cor_settings(ctx, schema_); \
		return settings ? settings->member_ : NULL; \
	}

/* clang-format on */

/** A request that is about to be sent. It lasts as long as .sign runs. */
struct cor_signed_request {
	const char *method;
	const char *scheme;                   /* "http" or "https" */
	const char *authority;                /* as Host has it: "prices:8080" */
	const char *path;                     /* encoded: "/v1/prices/7" */
	const char *query;                    /* encoded, without '?'; "": none */
	const struct cor_http_field *headers; /* the last has a name of NULL; without Host */
	/**
	 * The body; data is NULL if there is none, or if it is not in memory: .source or .relayed
	 * of the call.
	 */
	struct cor_str body;
	/** Its length; -1: not known; 0: there is none. */
	int64_t body_bytes;
};

/** What is to be signed. Never yields. */
COR_API const struct cor_signed_request *cor_signing_request(const struct cor_signing *signing);

/**
 * Send a header with it, in place of one of the same name. The value is copied. Never yields.
 * Returns 0, -ENOMEM, or -COR_EINVALID: name or value cannot be that of a header, it is one of
 * those that say where the message ends (Content-Length, ...), or there are too many.
 */
COR_API int cor_signing_header(
	struct cor_signing *signing, const char *name, const char *value) COR_CHECKED;

COR_END_DECLS
#endif
