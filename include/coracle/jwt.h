/* SPDX-License-Identifier: MIT */
/**
 * JSON Web Tokens (RFC 7519), signed (RFC 7515): checked, with their claims decoded into a struct
 * by its table, and made.
 *
 *     struct caller {
 *             const char *sub;
 *             const char *tenant;
 *     };
 *     ...
 *     COR_LOCAL_SCHEMA(caller_schema, struct caller, caller_fields);
 *
 *     static const struct cor_jwt_keys *keys_of(struct cor_ctx *ctx)
 *     {
 *             const struct shop *shop = cor_state(ctx);
 *             return shop->keys; // cor_jwt_keys_create() in the start hook
 *     }
 *     static const struct cor_jwt_rules rules = {
 *             .keys = keys_of, .issuer = "https://id.example", .audience = "shop",
 *     };
 *     COR_JWT(token_scheme, rules, caller_schema);
 *
 * That is a security scheme (security.h): it answers 401 to requests without a token that keeps the
 * rules, grants the scopes of the token, and cor_principal(ctx, caller_schema) has its claims.
 *
 * Algorithms are those of RFC 7518 section 3, and EdDSA (RFC 8037). Refused is what RFC 8725 warns
 * of: "none"; an algorithm of another kind than the key's; keys and addresses of keys that a token
 * brings along (jwk, jku, x5c, x5u count for nothing); "crit"; a member twice; text that is not
 * canonical. Encrypted tokens (JWE) are not supported.
 *
 * docs/tokens.md tells more. It is in libcoracle-crypto (`pkg-config --libs coracle-crypto`), which
 * brings OpenSSL 3.
 */
#ifndef CORACLE_JWT_H
#define CORACLE_JWT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/context.h>
#include <coracle/schema.h>
#include <coracle/security.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

/** Bits, so that several can be or-ed. */
enum cor_jwt_algorithm {
	COR_JWT_HS256 = 1 << 0, /* HMAC with SHA-256, by a secret that both sides have */
	COR_JWT_HS384 = 1 << 1,
	COR_JWT_HS512 = 1 << 2,
	COR_JWT_RS256 = 1 << 3, /* RSASSA-PKCS1-v1_5 */
	COR_JWT_RS384 = 1 << 4,
	COR_JWT_RS512 = 1 << 5,
	COR_JWT_PS256 = 1 << 6, /* RSASSA-PSS */
	COR_JWT_PS384 = 1 << 7,
	COR_JWT_PS512 = 1 << 8,
	COR_JWT_ES256 = 1 << 9,  /* ECDSA on P-256 */
	COR_JWT_ES384 = 1 << 10, /* on P-384 */
	COR_JWT_ES512 = 1 << 11, /* on P-521 */
	COR_JWT_EDDSA = 1 << 12, /* Ed25519 or Ed448 */
};

/* --- keys --- */

/** Where keys come from: exactly one of the first four. All of it is borrowed for the call. */
struct cor_jwt_source {
	/** A secret of HMAC: at least as long as the hash (RFC 7518 section 3.2), 32 bytes. */
	struct cor_str secret;
	/** The same, as a file has it; a line end at its end does not belong to it. */
	const char *secret_path;
	/**
	 * PEM (one public key, one private key without password, or a certificate: the first of a
	 * chain) or a JWK or a JWK set (RFC 7517): it shows which. RSA keys have 2,048 to 8,192
	 * bits.
	 */
	struct cor_str text;
	/** The same, as a file has it. */
	const char *path;

	/**
	 * What the keys are for, or-ed. 0: each algorithm that fits the key; a JWK that names its
	 * algorithm is for that one alone. Naming one is best (RFC 8725 section 3.1).
	 */
	uint32_t algorithms;
	/** The name of a secret or of a PEM in tokens; a JWK has its own. NULL: any is taken. */
	const char *kid;
};

/**
 * Keys to check and to sign with. Constant once they are made; any thread. A service that exchanges
 * them while it runs makes new ones, lets .keys of its rules return those, and frees the old ones
 * when it stops: other threads may be looking at them.
 */
struct cor_jwt_keys;

#define COR_JWT_KEYS_MAX 100 /* of all sources */

/**
 * Make keys of `len` sources. Those of a JWK set that cannot be used (another kind, for encryption,
 * too small) are left out, as RFC 7517 section 5 has it, and a token that names one is told so in
 * the log; any other fault is an error. Blocks while it reads a file, and for some milliseconds for
 * each private key, which is tried. The caller owns *ret.
 *
 * Returns 0, -ENOMEM, or -COR_EPROBLEM: the problem recorded in ctx says what is wrong with which
 * key and what to do, so that a start hook can return the code.
 */
COR_API int cor_jwt_keys_create(struct cor_ctx *ctx, const struct cor_jwt_source *sources,
	size_t len, struct cor_jwt_keys **ret) COR_CHECKED;

/** Wipe secrets and free the keys. NULL is allowed. */
COR_API void cor_jwt_keys_destroy(struct cor_jwt_keys *keys);

/**
 * The public halves as a JWK set, for others to check what these keys sign: the body of
 * /.well-known/jwks.json. Secrets are left out. The text belongs to ctx. Never yields. Returns 0 or
 * -ENOMEM.
 */
COR_API int cor_jwt_keys_print(
	struct cor_ctx *ctx, const struct cor_jwt_keys *keys, struct cor_json *ret) COR_CHECKED;

/* --- checking --- */

#define COR_JWT_LEEWAY_S 30
#define COR_JWT_BYTES    16384

/** What a token must be. Constant data; what is left away has the default. */
struct cor_jwt_rules {
	/** The keys, as they are now. */
	const struct cor_jwt_keys *(*keys)(struct cor_ctx *ctx);
	/**
	 * Puts in what is known only when the service runs, from its settings: .issuer, .audience
	 * ... It gets a copy of the rules for each token. Returns 0 or a negative code. NULL: there
	 * is nothing.
	 */
	int (*complete)(struct cor_ctx *ctx, struct cor_jwt_rules *rules);
	/** "iss" must be this. NULL: it may be anything, or be absent. */
	const char *issuer;
	/**
	 * "aud" must be this, or hold it. NULL: a token with an "aud" is refused (RFC 7519 section
	 * 4.1.3), unless .any_audience.
	 */
	const char *audience;
	bool any_audience;
	/** "typ" must be this: "at+jwt" (RFC 9068), in any case. NULL: it may be anything. */
	const char *type;
	/** Or-ed; 0: whatever the keys are for. */
	uint32_t algorithms;
	/** By which clocks may differ. 0: COR_JWT_LEEWAY_S; below 0: not at all. */
	int32_t leeway_s;
	/** Since "iat", which must be there then. 0: no limit. */
	int64_t max_age_s;
	/** A token without "exp" is taken. */
	bool is_endless_taken;
	/** Of the whole token, at most. 0: COR_JWT_BYTES. */
	uint32_t token_bytes;
};

/** What is known of a token besides its claims in a struct. Texts belong to ctx. */
struct cor_jwt {
	/** Why it is refused, for the log: clients learn only that it is. NULL: it is not. */
	const char *why;
	enum cor_jwt_algorithm algorithm;
	const char *kid;                   /* NULL: it names no key */
	const char *issuer, *subject, *id; /* "iss", "sub", "jti"; NULL: absent */
	int64_t issued_s;                  /* since 1970, seconds; INT64_MIN: without "iat" */
	int64_t expires_s;                 /* INT64_MAX: never */
	/**
	 * What "scope" (RFC 8693 section 4.2) and "scp" have, each a text or an array of texts,
	 * with a blank between them: "notes:read notes:write". "": nothing.
	 */
	const char *scope;
};

/* clang-format off */

/**
 * Check a token and decode its claims into a struct:
 *
 *     rc = cor_jwt_verify(ctx, &rules, token, caller_schema, &caller, &jwt);
 *
 * Claims that the table does not know are passed over on the outermost level. The schema is that of
 * an operation or a principal, or in the service's .schemas; COR_NONE takes a token whose claims
 * nobody wants. *ret_jwt is always set. Times are judged by cor_now(). Never yields, but computes
 * for 3 to 700 microseconds: docs/tokens.md says how long by which algorithm.
 *
 * Returns 0, or why the token is refused:
 * -EBADMSG: it is not a signed token, or something in it is not as it must be.
 * -COR_ETOOLARGE: it is longer than .token_bytes.
 * -ENOKEY: no key has the name that it gives ("kid").
 * -EKEYREJECTED: the algorithm is not allowed or not the key's, or the signature is not by the key.
 * -EKEYEXPIRED: "exp" is over, or it is older than .max_age_s.
 * -EACCES: it is right, but not for this: "iss", "aud", "typ", "nbf", a claim that must be there.
 * -COR_EINVALID: the claims do not fit the table.
 *
 * Or what is not the client's fault: -ENOMEM, -COR_ETABLE (as cor_decode()), -EINVAL (.keys gives
 * none), or what .complete has returned.
 */
#define cor_jwt_verify(ctx, rules, token, schema_, ret_claims, ret_jwt) \
	cor_jwt_verify_token((ctx), (rules), (token), &(schema_).schema, \
		COR_TYPED_RET_(ret_claims, schema_), (ret_jwt))

/**
 * Define a security scheme, to be listed in .security: `Authorization: Bearer` and a token that
 * keeps the rules; its scopes are granted. Options are those of COR_BEARER: .scopes, .doc ...
 */
#define COR_JWT(symbol_, rules_, principal_, ...) \
	static int symbol_##_check_(struct cor_ctx *ctx, const char *token, \
		__typeof__(*principal_.type) *principal) \
	{ \
		return cor_jwt_admit(ctx, &(rules_), token, &principal_.schema, principal); \
	} \
	COR_BEARER(symbol_, symbol_##_check_, principal_, .format = "JWT", __VA_ARGS__)

/* clang-format on */

/* --- signing --- */

/** What is put into a token besides the struct; it replaces what the struct has. */
struct cor_jwt_options {
	/** The key. NULL: the first that signs, with .algorithm if that is given. */
	const char *kid;
	/** 0: the first in the list above that the key is for. */
	enum cor_jwt_algorithm algorithm;
	/** "exp", from now on. COR_FOREVER: without. 0: as the struct has it. */
	int64_t lifetime_s;
	const char *issuer, *subject, *audience; /* NULL: as the struct has it */
	const char *scope;                       /* with blanks between them */
	bool has_id;                             /* "jti", a random UUID */
	const char *type;                        /* "typ"; NULL: "JWT" */
};

/* clang-format off */

/**
 * Make a token of a struct and options; "iat" is now:
 *
 *     rc = cor_jwt_sign(ctx, shop->keys, caller_schema, &caller, &token,
 *             &(struct cor_jwt_options){ .lifetime_s = 900, .issuer = "shop" });
 *
 * The text belongs to ctx. Never yields, and computes as long as cor_jwt_verify().
 *
 * Returns 0, -ENOKEY (no key signs, or none as the options say), -EINVAL (no .lifetime_s, and no
 * "exp" in the struct), -COR_EINVALID (what cor_encode() does not write, or a text of the options
 * that is not UTF-8), -COR_ETOOLARGE, -COR_ETABLE (as cor_encode()) or -ENOMEM.
 */
#define cor_jwt_sign(ctx, keys, schema_, claims, ret_token, ...) \
	cor_jwt_sign_claims((ctx), (keys), &(schema_).schema, COR_TYPED_(claims, schema_), \
		(ret_token), (__VA_ARGS__))

/* clang-format on */

/** The functions behind the macros. */
COR_API int cor_jwt_verify_token(struct cor_ctx *ctx, const struct cor_jwt_rules *rules,
	const char *token, const struct cor_schema *schema, void *ret_claims,
	struct cor_jwt *ret_jwt) COR_CHECKED;
COR_API int cor_jwt_admit(struct cor_ctx *ctx, const struct cor_jwt_rules *rules, const char *token,
	const struct cor_schema *schema, void *ret_principal) COR_CHECKED;
COR_API int cor_jwt_sign_claims(struct cor_ctx *ctx, const struct cor_jwt_keys *keys,
	const struct cor_schema *schema, const void *claims, struct cor_str *ret_token,
	const struct cor_jwt_options *options) COR_CHECKED;

COR_END_DECLS
#endif
