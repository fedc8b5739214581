/* SPDX-License-Identifier: MIT */
/*
 * A service behind tokens, for test_pyjwt.py: GET /me says who calls, POST /tokens makes a token,
 * GET /jwks.json has the keys.
 */
#include <coracle/coracle.h>
#include <coracle/jwt.h>

struct settings {
	const char *keys;
	const char *secret;
	const char *audience;
};
static const struct cor_field settings_fields[] = {
	COR_FIELD(
		struct settings, keys, .presence = COR_OPTIONAL, .doc = "PEM, a JWK or a JWK set"),
	COR_FIELD(struct settings, secret, .presence = COR_OPTIONAL, .doc = "a secret of HMAC"),
	COR_FIELD(
		struct settings, audience, .fallback = "\"guarded\"", .doc = "whom tokens are for"),
};
COR_LOCAL_SCHEMA(settings_schema, struct settings, settings_fields);

static int start(struct cor_ctx *ctx, void **ret_state)
{
	const struct settings *settings = cor_settings(ctx, settings_schema);
	const struct cor_jwt_source source = { .path = settings->keys,
		.secret_path = settings->secret };
	struct cor_jwt_keys *keys;
	int rc = cor_jwt_keys_create(ctx, &source, 1, &keys);

	if (rc == 0)
		*ret_state = keys;
	return rc;
}

static void stop(struct cor_ctx *ctx, void *state)
{
	(void)ctx;
	cor_jwt_keys_destroy(state);
}

/* --- the scheme --- */

struct caller {
	const char *sub;
	const char *tenant;
};
static const struct cor_field caller_fields[] = {
	COR_FIELD(struct caller, sub, .min_length = 1),
	COR_FIELD(struct caller, tenant, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(caller_schema, struct caller, caller_fields);

static const struct cor_jwt_keys *keys_of(struct cor_ctx *ctx)
{
	return cor_state(ctx);
}

static int complete(struct cor_ctx *ctx, struct cor_jwt_rules *rules)
{
	rules->audience = cor_settings(ctx, settings_schema)->audience;
	return 0;
}

static const struct cor_jwt_rules rules = {
	.keys = keys_of,
	.complete = complete,
	.issuer = "https://id.example",
};
COR_JWT(token_scheme, rules, caller_schema, .name = "token", .doc = "From id.example",
	.scopes = COR_SCOPES({ "me:read", "who one is" }, { "tokens:make", "tokens" }));

/* --- the operations --- */

/* Another table, so that the codec has that of the principal by the scheme alone. */
static const struct cor_field answer_fields[] = {
	COR_FIELD(struct caller, sub),
	COR_FIELD(struct caller, tenant, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(answer_schema, struct caller, answer_fields);

static int get_me(struct cor_ctx *ctx, const struct cor_none *in, struct caller *out)
{
	(void)in;
	*out = *cor_principal(ctx, caller_schema);
	return 0;
}
COR_OPERATION(me_op, get_me, COR_NONE, answer_schema);

struct wish {
	const char *sub;
	uint32_t algorithm;
};
static const struct cor_field wish_fields[] = {
	COR_FIELD(struct wish, sub),
	COR_FIELD(struct wish, algorithm, .fallback = "0"),
};
COR_LOCAL_SCHEMA(wish_schema, struct wish, wish_fields);

static int make_token(struct cor_ctx *ctx, const struct wish *in, struct cor_str *out)
{
	const struct caller caller = { .sub = in->sub, .tenant = "t1" };
	const struct cor_jwt_options options = {
		.algorithm = (enum cor_jwt_algorithm)in->algorithm,
		.lifetime_s = 60,
		.issuer = "https://id.example",
		.audience = "guarded",
		.scope = "me:read",
		.has_id = true,
	};

	return cor_jwt_sign(ctx, cor_state(ctx), caller_schema, &caller, out, &options);
}
COR_OPERATION(token_op, make_token, wish_schema, COR_TEXT, .security = COR_PUBLIC);

static int get_keys(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	struct cor_json set;
	int rc = cor_jwt_keys_print(ctx, cor_state(ctx), &set);

	(void)in;
	*out = set.text;
	return rc;
}
COR_OPERATION(keys_op, get_keys, COR_NONE, COR_BYTES, .content_type = "application/jwk-set+json",
	.security = COR_PUBLIC);

static const struct cor_resource me = { .path = "/me",
	.get = &me_op,
	.security = COR_SECURITY({ &token_scheme, .scopes = "me:read" }) };
static const struct cor_resource tokens = { .path = "/tokens", .post = &token_op };
static const struct cor_resource key_set = { .path = "/jwks.json", .get = &keys_op };
static const struct cor_service service = {
	.name = "guarded",
	.version = "1",
	.resources = COR_RESOURCES(&me, &tokens, &key_set),
	.settings = COR_SETTINGS(settings_schema),
	.start = start,
	.stop = stop,
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &service);
}
