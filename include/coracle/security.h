/* SPDX-License-Identifier: MIT */
/**
 * Who calls, and whether they may: security schemes, which make a typed principal of a credential.
 *
 *     static int check_token(struct cor_ctx *ctx, const char *token, struct user *user)
 *     {
 *             if (sessions_find(cor_state(ctx), token, user) < 0)
 *                     return cor_deny(ctx, "no session has this token");
 *             return cor_grant(ctx, user->is_editor ? "notes:read notes:write" : "notes:read");
 *     }
 *     COR_BEARER(token_scheme, check_token, user_schema, .doc = "From POST /sessions");
 *
 *     static int get_note(struct cor_ctx *ctx, const struct note_ref *ref, struct note *out)
 *     {
 *             const struct user *user = cor_principal(ctx, user_schema);
 *             ...
 *     }
 *
 *     static const struct cor_resource notes = { .path = "/notes", .get = &..., .post = &...,
 *             .security = COR_SECURITY({ .scheme = &token_scheme, .scopes = "notes:read" }) };
 *
 * .security stands on a service, a resource or an operation: the innermost counts, and COR_PUBLIC
 * takes it off. Whoever shows no credential, or one that its scheme refuses, gets 401 with a
 * challenge for each scheme (RFC 9110 section 11.6.1); whoever lacks a scope gets 403. The OpenAPI
 * document has the schemes and both statuses by itself. The documentation's own paths and OPTIONS
 * ask nobody.
 *
 * Browsers send cookies whatever page makes them ask. A session, or a key in a cookie, therefore
 * lets nobody change anything from a page of another origin: such a request other than GET, HEAD
 * and OPTIONS gets 403, unless .cors lets that origin send credentials. Sec-Fetch-Site tells, or
 * Origin; what sends neither is no browser of today. A WebSocket has its own .origins.
 *
 * It is checked behind the middleware and before the body is read: a middleware sees a 401 as it
 * sees any other answer, and if it asks for the principal, the credential is checked then.
 *
 * A test that calls a handler sets the principal with cor_ctx_set(ctx, user_schema, &user).
 */
#ifndef CORACLE_SECURITY_H
#define CORACLE_SECURITY_H

#include <stdbool.h>
#include <stddef.h>

#include <coracle/api.h>
#include <coracle/context.h>
#include <coracle/schema.h>

COR_BEGIN_DECLS

/** A name and a password, as COR_BASIC brings them (RFC 7617). UTF-8, without control bytes. */
struct cor_login {
	const char *name;
	const char *password;
};

/** What the other end of the connection has shown; see cor_request_certificate_subject(). */
struct cor_certificate {
	const char *subject;
	const char *fingerprint;
};

struct cor_session;

enum cor_credential_kind {
	COR_CREDENTIAL_NONE = 0, /* cor_anonymous */
	COR_CREDENTIAL_BEARER,
	COR_CREDENTIAL_BASIC,
	COR_CREDENTIAL_API_KEY,
	COR_CREDENTIAL_CERTIFICATE,
	COR_CREDENTIAL_CUSTOM,
	COR_CREDENTIAL_SESSION,
};

/** A credential, as a request has it: which member counts follows from the scheme's kind. */
struct cor_credential {
	const char *text; /* the token or the key; NULL: none */
	struct cor_login login;
	struct cor_certificate certificate;
	const void *session; /* what it keeps */
};

/** What a scope allows, for the document. */
struct cor_security_scope {
	const char *name; /* without blanks: "notes:write" */
	const char *doc;
};

/** Where a client gets a token (RFC 6749): the page of /docs can fetch one there. */
struct cor_oauth2 {
	/** Of the flow with an authorization code. */
	const char *authorization_url;
	/** Of that flow, or alone: of the flow for clients that act for themselves. */
	const char *token_url;
	const char *refresh_url;
};

/**
 * How a request proves who sends it. Defined with one of the macros below; other files declare it:
 * extern const struct cor_security_scheme token_scheme;
 */
struct cor_security_scheme {
	/* --- set by the macros --- */

	enum cor_credential_kind kind;
	int (*check)(struct cor_ctx *ctx, const struct cor_credential *credential, void *principal);
	const struct cor_schema *principal;
	const char *symbol;
	const struct cor_session *session; /* COR_SESSION_SCHEME */
	const struct cor_schema *kept;     /* and what its check takes */

	/* --- options --- */

	/** In the document: letters, digits, '.', '_' and '-'. NULL: the C name. */
	const char *name;
	const char *doc;
	/** In the challenge. NULL: the service's name. */
	const char *realm;
	/** COR_SCOPES(...): what its principals can be granted. Others are refused at start. */
	const struct cor_security_scope *scopes;
	/** COR_API_KEY: where the key is, COR_FROM_HEADER (also if 0), _QUERY or _COOKIE. */
	enum cor_from in;
	/** COR_API_KEY: the name of that header, parameter or cookie. NULL: X-API-Key. */
	const char *key;
	/** COR_BEARER: what a token is, for people: "JWT". */
	const char *format;
	/** COR_BEARER: the document says that tokens come from there. */
	const struct cor_oauth2 *oauth2;
	/** COR_BEARER: or that OpenID Connect finds out where, at this URL. */
	const char *openid_url;
	/** COR_CUSTOM_SCHEME: the first word of Authorization and of its challenge: "Signature". */
	const char *http_scheme;
};

/** One way to be let in. Of several, any will do: the first whose credential a request shows. */
struct cor_security {
	const struct cor_security_scheme *scheme;
	/** What must be granted, all of it: "notes:read notes:write". NULL: nothing. */
	const char *scopes;
};

/** The way of those who show no credential; cor_principal() is NULL then. */
COR_API extern const struct cor_security_scheme cor_anonymous;

/* clang-format off */

/**
 * Rows of struct cor_security:
 *
 *     COR_SECURITY({ .scheme = &token_scheme }, { .scheme = &key_scheme, .scopes = "x" })
 */
#define COR_SECURITY(...) (const struct cor_security[]) { __VA_ARGS__, { .scheme = NULL } }

/** Everybody may. */
#define COR_PUBLIC ((const struct cor_security[]) { { .scheme = NULL } })

/** Rows of struct cor_security_scope. */
#define COR_SCOPES(...) (const struct cor_security_scope[]) { __VA_ARGS__, { .name = NULL } }

/**
 * Define a scheme: a token in `Authorization: Bearer ...` (RFC 6750), around
 *
 *     int check(struct cor_ctx *ctx, const char *token, struct user *principal);
 *
 * The check fills in the principal, which is zeroed, and whose memory is that of ctx. It returns 0,
 * or that of cor_deny(): 401. Any other code becomes a problem as a handler's does: a database that
 * does not answer is not the client's fault. It may yield.
 */
#define COR_BEARER(symbol_, check_, principal_, ...) \
	COR_SCHEME_(symbol_, check_, principal_, const char *, credential->text, \
		.kind = COR_CREDENTIAL_BEARER, __VA_ARGS__)

/** The same with `Authorization: Basic ...`; check(ctx, const struct cor_login *, principal). */
#define COR_BASIC(symbol_, check_, principal_, ...) \
	COR_SCHEME_(symbol_, check_, principal_, const struct cor_login *, &credential->login, \
		.kind = COR_CREDENTIAL_BASIC, __VA_ARGS__)

/** The same with a header, parameter or cookie of its own: check(ctx, const char *, principal). */
#define COR_API_KEY(symbol_, check_, principal_, ...) \
	COR_SCHEME_(symbol_, check_, principal_, const char *, credential->text, \
		.kind = COR_CREDENTIAL_API_KEY, __VA_ARGS__)

/**
 * The same with a certificate of the client, which --client-ca has vouched for:
 * check(ctx, const struct cor_certificate *, principal).
 */
#define COR_CLIENT_CERTIFICATE(symbol_, check_, principal_, ...) \
	COR_SCHEME_(symbol_, check_, principal_, const struct cor_certificate *, \
		&credential->certificate, .kind = COR_CREDENTIAL_CERTIFICATE, __VA_ARGS__)

/**
 * The same with whatever the request shows: check(ctx, const char *, principal) gets what stands
 * behind the .http_scheme in Authorization, and is asked if it is there. Without .http_scheme it is
 * always asked, gets NULL, and reads the request itself (request.h).
 */
#define COR_CUSTOM_SCHEME(symbol_, check_, principal_, ...) \
	COR_SCHEME_(symbol_, check_, principal_, const char *, credential->text, \
		.kind = COR_CREDENTIAL_CUSTOM, __VA_ARGS__)

/**
 * The same with a session (session.h), which the service lists in its .sessions: check(ctx, const
 * struct visit *, principal) gets what the session keeps, whose schema is `kept_`.
 *
 *     COR_SESSION_SCHEME(visit_scheme, check_visit, visits, visit_schema, user_schema);
 *
 * Who shows a session whose cache fails gets 503 with Retry-After, in place of the 401 of those who
 * have none; where cor_anonymous is one of the ways, nobody is refused for it.
 */
#define COR_SESSION_SCHEME(symbol_, check_, session_, kept_, principal_, ...) \
	COR_SCHEME_(symbol_, check_, principal_, const __typeof__(*(kept_).type) *, \
		credential->session, .kind = COR_CREDENTIAL_SESSION, .session = &session_, \
		.kept = &(kept_).schema, __VA_ARGS__)

#define COR_SCHEME_(symbol_, check_, principal_, credential_, member_, ...) \
	typedef int (*symbol_##_type_)( \
		struct cor_ctx *, credential_, __typeof__(*principal_.type) *); \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&check_), symbol_##_type_), \
		"the check must be int " #check_ "(struct cor_ctx *, " #credential_ \
		", (the type of " #principal_ ") *)"); \
	static int symbol_##_adapter( \
		struct cor_ctx *ctx, const struct cor_credential *credential, void *principal) \
	{ \
		symbol_##_type_ typed_ = check_; \
		return typed_(ctx, member_, principal); \
	} \
	const struct cor_security_scheme symbol_ = { \
		.check = symbol_##_adapter, \
		.principal = &principal_.schema, \
		.symbol = #symbol_, \
		__VA_ARGS__ \
	}

/**
 * Who the request is from, typed:
 *
 *     const struct user *user = cor_principal(ctx, user_schema);
 *
 * NULL if nobody was let in as one of that schema: the operation is public, the client came as
 * cor_anonymous or by a scheme with another schema. In a middleware, which runs before the check,
 * the credential is checked now, which yields as the scheme's check does; NULL if it is refused,
 * lacks a scope, or is not looked at for those that failed before.
 * Lives as long as ctx; handlers in executors have it, too.
 */
#define cor_principal(ctx, schema_) \
	((const __typeof__(*(schema_).type) *)cor_principal_of((ctx), &(schema_).schema))

/* clang-format on */

/** The function behind the macro. */
COR_API const void *cor_principal_of(struct cor_ctx *ctx, const struct cor_schema *schema);

/** The name of the scheme that let the client in; NULL: none did. Never yields. */
COR_API const char *cor_principal_scheme(const struct cor_ctx *ctx);

/**
 * For a check to return: the credential is nobody's. The text is for the log; the client learns no
 * more than that it was refused. Never yields. Returns -EACCES, which a check may return as well.
 */
COR_API int cor_deny(struct cor_ctx *ctx, const char *format, ...) COR_PRINTF(2, 3) COR_CHECKED;

/**
 * For a check: what its principal may do, as scopes with blanks between them. Several calls add up.
 * Never yields. Returns 0 or -ENOMEM.
 */
COR_API int cor_grant(struct cor_ctx *ctx, const char *scopes) COR_CHECKED;

/** Whether the principal was granted that scope: for rules that no table knows. Never yields. */
COR_API bool cor_has_scope(const struct cor_ctx *ctx, const char *scope);

COR_END_DECLS
#endif
