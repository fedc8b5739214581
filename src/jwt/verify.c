/* SPDX-License-Identifier: MIT */
#include <coracle/jwt.h>

#include <errno.h>

#include <coracle/error.h>
#include <coracle/view.h>

#include "jwt/claims.h"
#include "jwt/key.h"
#include "jwt/signature.h"
#include "jwt/token.h"

/* --- the key --- */

/* A key without a name is that of any token, and a token without one may be by any key. */
static bool is_named(const struct cor_jwt_key *key, const char *kid)
{
	return !kid || !key->kid || strcmp(key->kid, kid) == 0;
}

static const char *why_left_out(const struct cor_jwt_keys *keys, const char *kid)
{
	for (const struct cor_jwt_left_out *at = keys->left_out; at; at = at->next)
		if (at->kid && kid && strcmp(at->kid, kid) == 0)
			return at->why;
	return NULL;
}

/* What the keys are for that it may have meant: none is for its algorithm, or there are none. */
static int fail_for_keys(
	struct cor_jwt_token *token, const struct cor_jwt_keys *keys, uint32_t algorithms)
{
	const char *kid = token->facts->kid, *why = why_left_out(keys, kid);

	if (why)
		return cor_jwt_fail(token, -ENOKEY, "its key was left out: %s", why);
	if (algorithms == 0)
		return cor_jwt_fail(token, -ENOKEY, "no key has the kid \"%.80s\"", kid ? kid : "");
	return cor_jwt_fail(token, -EKEYREJECTED, "its algorithm is %s, and the key is for %s",
		token->method->name, cor_jwt_names(token->ctx, algorithms));
}

static int check_signature(struct cor_jwt_token *token, const struct cor_jwt_keys *keys)
{
	uint32_t named = 0, tried = 0;

	for (const struct cor_jwt_key *key = keys->first; key; key = key->next) {
		if (!key->verifies || !is_named(key, token->facts->kid))
			continue;
		named |= key->algorithms;
		if (!(key->algorithms & (uint32_t)token->method->algorithm))
			continue;
		tried++;
		int rc = cor_jwt_signature_check(
			keys, key, token->method, token->input, token->signature);
		if (rc != -EKEYREJECTED)
			return rc;
	}
	if (tried == 0)
		return fail_for_keys(token, keys, named);
	return cor_jwt_fail(token, -EKEYREJECTED, "the signature is wrong: %s",
		tried == 1 ? "it is not by the key" : "it is by none of the keys");
}

/* --- the struct --- */

static int decode(struct cor_jwt_token *token, const struct cor_schema *schema, void *ret_claims)
{
	static const struct cor_view lenient = { .unknown = COR_UNKNOWN_IGNORED };
	struct cor_codec *codec = cor_ctx_codec(token->ctx);
	struct cor_violations found = { 0 };

	if (schema->media == COR_MEDIA_NONE)
		return 0;
	int rc = codec ? cor_decode_by_view(codec, cor_ctx_arena(token->ctx), schema, &lenient,
				 ret_claims, NULL, token->payload, &found)
		       : -COR_ETABLE;
	if (rc == -COR_EINVALID && found.first)
		return cor_jwt_fail(token, rc, "a claim does not fit its table: %s: %s",
			found.first->where, found.first->detail);
	if (rc == -COR_EINVALID || rc == -COR_ESYNTAX || rc == -COR_ETOOLARGE)
		return cor_jwt_fail(token, rc == -COR_EINVALID ? rc : -EBADMSG,
			"the claims do not fit their table");
	return rc;
}

/* --- all of it --- */

static int verify(struct cor_jwt_token *token, const char *text, const struct cor_schema *schema,
	void *ret_claims)
{
	const struct cor_jwt_keys *keys = token->rules->keys ? token->rules->keys(token->ctx)
							     : NULL;

	if (!keys)
		return cor_jwt_fail(token, -EINVAL, ".keys of the rules gives no keys");
	int rc = cor_jwt_token_parse(token, text);
	if (rc == 0)
		rc = check_signature(token, keys);
	if (rc == 0)
		rc = cor_jwt_claims_judge(token);
	return rc < 0 ? rc : decode(token, schema, ret_claims);
}

int cor_jwt_verify_token(struct cor_ctx *ctx, const struct cor_jwt_rules *rules, const char *text,
	const struct cor_schema *schema, void *ret_claims, struct cor_jwt *ret_jwt)
{
	struct cor_jwt_rules completed = *rules;
	struct cor_jwt_token token = { .ctx = ctx, .rules = &completed, .facts = ret_jwt };

	*ret_jwt = (struct cor_jwt){ .issued_s = INT64_MIN, .expires_s = INT64_MAX, .scope = "" };
	int rc = rules->complete ? rules->complete(ctx, &completed) : 0;
	if (rc == 0)
		rc = verify(&token, text, schema, ret_claims);
	if (rc < 0 && !ret_jwt->why)
		ret_jwt->why = cor_strerror(rc);
	return rc;
}

/* --- as a security scheme --- */

/* Whether it is the token that is wrong, and not the service. */
static bool is_refused(int rc)
{
	static const int codes[] = { EBADMSG, COR_ETOOLARGE, EKEYREJECTED, ENOKEY, EKEYEXPIRED,
		EACCES, COR_EINVALID };

	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (rc == -codes[i])
			return true;
	return false;
}

int cor_jwt_admit(struct cor_ctx *ctx, const struct cor_jwt_rules *rules, const char *token,
	const struct cor_schema *schema, void *ret_principal)
{
	struct cor_jwt jwt;
	int rc = cor_jwt_verify_token(ctx, rules, token, schema, ret_principal, &jwt);

	if (is_refused(rc))
		return cor_deny(ctx, "%s", jwt.why);
	if (rc == -EINVAL)
		return cor_problem(ctx, 500, rc, "%s", jwt.why);
	if (rc < 0)
		return rc;
	return jwt.scope[0] ? cor_grant(ctx, jwt.scope) : 0;
}
