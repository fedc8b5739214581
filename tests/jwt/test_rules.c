/* SPDX-License-Identifier: MIT */
/* Claims against rules: RFC 7519 section 4.1. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <coracle/error.h>
#include <coracle/jwt.h>

#include "moment.h"
#include "service.h"
#include "token.h"

#define NOW_S 1800000000

struct caller {
	const char *sub;
	cor_opt(int32_t) level;
};
static const struct cor_field caller_fields[] = {
	COR_FIELD(struct caller, sub),
	COR_OPT_FIELD(struct caller, level, .range = COR_BETWEEN(1, 9)),
};
COR_LOCAL_SCHEMA(caller_schema, struct caller, caller_fields);
static const struct cor_service service = SERVICE_OF(caller_schema);

static const struct cor_str secret = { "a secret of the service, 32 bytes", 33 };

static const struct cor_jwt_keys *the_keys;

static const struct cor_jwt_keys *keys_of(struct cor_ctx *ctx)
{
	(void)ctx;
	return the_keys;
}

static const struct row {
	struct cor_jwt_rules rules;
	const char *claims; /* besides "sub" */
	int rc;
	const char *why;
	const char *header; /* NULL: as usual */
} rows[] = {
	/* exp */
	{ { 0 }, "\"exp\":1800000001", 0, NULL, NULL },
	{ { 0 }, "\"exp\":1799999971", 0, NULL, NULL }, /* 29 s ago */
	{ { 0 }, "\"exp\":1799999970", -EKEYEXPIRED, "expired 30 s ago", NULL },
	{ { .leeway_s = -1 }, "\"exp\":1800000000", -EKEYEXPIRED, "expired 0 s ago", NULL },
	{ { .leeway_s = -1 }, "\"exp\":1800000000.5", 0, NULL, NULL },
	{ { .leeway_s = 5 }, "\"exp\":1799999994", -EKEYEXPIRED, "expired 6 s ago", NULL },
	{ { .leeway_s = 5 }, "\"exp\":1799999996", 0, NULL, NULL },
	{ { 0 }, "\"exp\":18e8", 0, NULL, NULL },
	{ { 0 }, "\"exp\":1e300", 0, NULL, NULL },
	{ { 0 }, "\"exp\":1e999", -EBADMSG, "\"exp\" is no number, or too large", NULL },
	{ { 0 }, "\"exp\":-1e300", -EKEYEXPIRED, "expired", NULL },
	{ { 0 }, "\"exp\":\"1800000001\"", -EBADMSG, "\"exp\" is no number", NULL },
	{ { 0 }, "\"exp\":null", -EBADMSG, "\"exp\" is no number", NULL },
	{ { 0 }, "\"exp\":1800000001,\"exp\":1800000001", -EBADMSG, "twice", NULL },
	{ { 0 }, "\"a\":1", -EACCES, "no \"exp\"", NULL },
	{ { .is_endless_taken = true }, "\"a\":1", 0, NULL, NULL },
	{ { .is_endless_taken = true }, "\"exp\":1", -EKEYEXPIRED, "expired", NULL },
	/* nbf, iat */
	{ { 0 }, "\"exp\":1e10,\"nbf\":1800000030", 0, NULL, NULL },
	{ { 0 }, "\"exp\":1e10,\"nbf\":1800000031", -EACCES, "valid in 31 s only", NULL },
	{ { 0 }, "\"exp\":1e10,\"nbf\":true", -EBADMSG, "\"nbf\" is no number", NULL },
	{ { 0 }, "\"exp\":1e10,\"iat\":1800000030", 0, NULL, NULL },
	{ { 0 }, "\"exp\":1e10,\"iat\":1800000031", -EACCES, "issued in 31 s only", NULL },
	{ { 0 }, "\"exp\":1e10,\"iat\":{}", -EBADMSG, "\"iat\" is no number", NULL },
	/* age */
	{ { .max_age_s = 60 }, "\"exp\":1e10", -EACCES, "no \"iat\"", NULL },
	{ { .max_age_s = 60 }, "\"exp\":1e10,\"iat\":1799999910", 0, NULL, NULL },
	{ { .max_age_s = 60 }, "\"exp\":1e10,\"iat\":1799999909", -EKEYEXPIRED,
		"91 s old, 60 are allowed", NULL },
	/* iss */
	{ { .issuer = "id" }, "\"exp\":1e10,\"iss\":\"id\"", 0, NULL, NULL },
	{ { .issuer = "id" }, "\"exp\":1e10,\"iss\":\"ID\"", -EACCES, "issuer is \"ID\"", NULL },
	{ { .issuer = "id" }, "\"exp\":1e10,\"iss\":\"id \"", -EACCES, "issuer is", NULL },
	{ { .issuer = "id" }, "\"exp\":1e10", -EACCES, "issuer is \"\", not \"id\"", NULL },
	{ { .issuer = "id" }, "\"exp\":1e10,\"iss\":[\"id\"]", -EBADMSG, "\"iss\" is", NULL },
	{ { .issuer = "id" }, "\"exp\":1e10,\"iss\":\"id\\u0000\"", -EBADMSG, "NUL", NULL },
	{ { 0 }, "\"exp\":1e10,\"iss\":\"anybody\"", 0, NULL, NULL },
	/* aud */
	{ { .audience = "shop" }, "\"exp\":1e10,\"aud\":\"shop\"", 0, NULL, NULL },
	{ { .audience = "shop" }, "\"exp\":1e10,\"aud\":[\"a\",\"shop\"]", 0, NULL, NULL },
	{ { .audience = "shop" }, "\"exp\":1e10,\"aud\":[\"a\",\"b\"]", -EACCES,
		"not for the audience \"shop\"", NULL },
	{ { .audience = "shop" }, "\"exp\":1e10,\"aud\":\"shop2\"", -EACCES, "audience", NULL },
	{ { .audience = "shop" }, "\"exp\":1e10,\"aud\":[]", -EACCES, "audience", NULL },
	{ { .audience = "shop" }, "\"exp\":1e10", -EACCES, "audience", NULL },
	{ { .audience = "shop" }, "\"exp\":1e10,\"aud\":[\"shop\",7]", -EBADMSG, "\"aud\"", NULL },
	{ { .audience = "shop" }, "\"exp\":1e10,\"aud\":{\"shop\":1}", -EBADMSG, "\"aud\"", NULL },
	{ { 0 }, "\"exp\":1e10,\"aud\":\"shop\"", -EACCES, "set .audience", NULL },
	{ { .any_audience = true }, "\"exp\":1e10,\"aud\":\"shop\"", 0, NULL, NULL },
	{ { .any_audience = true }, "\"exp\":1e10,\"aud\":7", -EBADMSG, "\"aud\"", NULL },
	/* typ */
	{ { .type = "at+jwt" }, "\"exp\":1e10", 0, NULL, "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}" },
	{ { .type = "at+jwt" }, "\"exp\":1e10", 0, NULL,
		"{\"alg\":\"HS256\",\"typ\":\"application/AT+JWT\"}" },
	{ { .type = "application/at+jwt" }, "\"exp\":1e10", 0, NULL,
		"{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}" },
	{ { .type = "at+jwt" }, "\"exp\":1e10", -EACCES, "\"typ\" is \"JWT\"",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\"}" },
	{ { .type = "at+jwt" }, "\"exp\":1e10", -EACCES, "\"typ\" is \"\"", NULL },
	/* algorithms */
	{ { .algorithms = COR_JWT_HS256 | COR_JWT_ES256 }, "\"exp\":1e10", 0, NULL, NULL },
	{ { .algorithms = COR_JWT_ES256 }, "\"exp\":1e10", -EKEYREJECTED,
		"HS256, which the rules do not allow", NULL },
	/* the length */
	{ { .token_bytes = 60 }, "\"exp\":1e10", -COR_ETOOLARGE, "longer than 60 bytes", NULL },
	/* the table: what it does not know is passed over, what it knows must be right */
	{ { 0 }, "\"exp\":1e10,\"x\":{\"y\":[1,null]},\"level\":9", 0, NULL, NULL },
	{ { 0 }, "\"exp\":1e10,\"level\":10", -COR_EINVALID, "/level: must be", NULL },
	{ { 0 }, "\"exp\":1e10,\"level\":\"9\"", -COR_EINVALID, "/level: ", NULL },
	{ { 0 }, "\"exp\":1e10,\"jti\":5", -EBADMSG, "\"jti\" is no text", NULL },
	{ { 0 }, "\"exp\":1e10,\"scope\":5", -EBADMSG, "\"scope\" is no text", NULL },
	{ { 0 }, "\"exp\":1e10,\"scp\":[[]]", -EBADMSG, "\"scp\" is no text", NULL },
	{ { 0 }, "\"exp\":1e10,\"scope\":\"a\\u0000b\"", -EBADMSG, "\"scope\" is no text", NULL },
};

static struct cor_jwt_keys *make_keys(struct cor_ctx *ctx)
{
	const struct cor_jwt_source source = { .secret = secret };
	struct cor_jwt_keys *keys = NULL;

	if (cor_jwt_keys_create(ctx, &source, 1, &keys) != 0)
		fail_msg("%s", cor_problem_of(ctx)->detail);
	return keys;
}

static const char *token_with(struct cor_ctx *ctx, const char *header, const char *claims)
{
	return token_by_secret(ctx, secret, header ? header : "{\"alg\":\"HS256\"}",
		cor_printf(ctx, "{\"sub\":\"ada\",%s}", claims));
}

static void each_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cor_jwt_rules rules = rows[i].rules;
		struct caller caller = { 0 };
		struct cor_jwt jwt;
		struct moment moment;
		moment_begin(&moment, &service, NOW_S, 0);
		struct cor_jwt_keys *keys = make_keys(moment.ctx);
		the_keys = keys;
		rules.keys = keys_of;
		const char *token = token_with(moment.ctx, rows[i].header, rows[i].claims);
		int rc = cor_jwt_verify(moment.ctx, &rules, token, caller_schema, &caller, &jwt);
		if (rc != rows[i].rc || (rc < 0 && !strstr(jwt.why, rows[i].why)))
			fail_msg("row %zu, %s: %s: %s", i, rows[i].claims, cor_errname(rc),
				jwt.why ? jwt.why : "it is taken");
		if (rc == 0)
			assert_string_equal(caller.sub, "ada");
		cor_jwt_keys_destroy(keys);
		moment_end(&moment);
	}
}

static void what_is_told(void **state)
{
	static const struct {
		const char *claims;
		const char *scope;
	} cases[] = {
		{ "\"a\":1", "" },
		{ "\"scope\":\"\"", "" },
		{ "\"scope\":\"a\"", "a" },
		{ "\"scope\":\" notes:read  notes:write \"", "notes:read notes:write" },
		{ "\"scope\":[\"a\",\"b\"]", "a b" },
		{ "\"scp\":[\"a\",\"\",\"b c\"]", "a b c" },
		{ "\"scp\":\"a b\"", "a b" },
		{ "\"scope\":\"a\",\"scp\":[\"b\"]", "a b" },
		{ "\"scope\":[]", "" },
		{ "\"scp\":[\"\\u0061\\u0062\",\"\\u0063\"]", "ab c" },
	};
	static const struct cor_jwt_rules rules = { .keys = keys_of };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct caller caller;
		struct cor_jwt jwt;
		struct moment moment;
		moment_begin(&moment, &service, NOW_S, 0);
		struct cor_jwt_keys *keys = make_keys(moment.ctx);
		the_keys = keys;
		const char *token = token_with(moment.ctx, "{\"alg\":\"HS256\",\"kid\":\"k\"}",
			cor_printf(moment.ctx,
				"\"exp\":1800000009.7,\"iat\":1799999999.9,\"iss\":\"i\",\"jti\":"
				"\"j\",%s",
				cases[i].claims));
		assert_int_equal(
			cor_jwt_verify(moment.ctx, &rules, token, caller_schema, &caller, &jwt), 0);
		assert_null(jwt.why);
		assert_string_equal(jwt.scope, cases[i].scope);
		assert_string_equal(jwt.kid, "k");
		assert_string_equal(jwt.issuer, "i");
		assert_string_equal(jwt.subject, "ada");
		assert_string_equal(jwt.id, "j");
		assert_int_equal(jwt.algorithm, COR_JWT_HS256);
		assert_int_equal(jwt.expires_s, 1800000009);
		assert_int_equal(jwt.issued_s, 1799999999);
		cor_jwt_keys_destroy(keys);
		moment_end(&moment);
	}
}

/* --- rules that are completed, and mistakes of the service --- */

static int complete(struct cor_ctx *ctx, struct cor_jwt_rules *rules)
{
	rules->issuer = cor_printf(ctx, "id%d", 7);
	return 0;
}

static int fail_to_complete(struct cor_ctx *ctx, struct cor_jwt_rules *rules)
{
	(void)ctx, (void)rules;
	return -ECONNREFUSED;
}

static const struct cor_jwt_keys *no_keys(struct cor_ctx *ctx)
{
	(void)ctx;
	return NULL;
}

static void rules_of_the_moment(void **state)
{
	static const struct cor_jwt_rules completed = { .keys = keys_of, .complete = complete };
	static const struct cor_jwt_rules failing = { .keys = keys_of,
		.complete = fail_to_complete };
	static const struct cor_jwt_rules keyless = { .keys = no_keys };
	struct cor_none none;
	struct caller caller;
	struct cor_jwt jwt;
	struct moment moment;

	(void)state;
	moment_begin(&moment, &service, NOW_S, 0);
	struct cor_ctx *ctx = moment.ctx;
	struct cor_jwt_keys *keys = make_keys(ctx);
	the_keys = keys;
	const char *right = token_with(ctx, NULL, "\"exp\":1e10,\"iss\":\"id7\"");
	const char *wrong = token_with(ctx, NULL, "\"exp\":1e10,\"iss\":\"id8\"");
	assert_int_equal(cor_jwt_verify(ctx, &completed, right, caller_schema, &caller, &jwt), 0);
	assert_int_equal(
		cor_jwt_verify(ctx, &completed, wrong, caller_schema, &caller, &jwt), -EACCES);
	assert_int_equal(
		cor_jwt_verify(ctx, &failing, right, caller_schema, &caller, &jwt), -ECONNREFUSED);
	assert_string_equal(jwt.why, cor_strerror(ECONNREFUSED));
	assert_int_equal(
		cor_jwt_verify(ctx, &keyless, right, caller_schema, &caller, &jwt), -EINVAL);
	assert_non_null(strstr(jwt.why, ".keys"));
	/* nobody wants the claims */
	assert_int_equal(cor_jwt_verify(ctx, &completed, right, COR_NONE, &none, &jwt), 0);
	assert_string_equal(jwt.subject, "ada");
	cor_jwt_keys_destroy(keys);
	moment_end(&moment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule),
		cmocka_unit_test(what_is_told),
		cmocka_unit_test(rules_of_the_moment),
	};

	return cmocka_run_group_tests_name("jwt/rules", tests, NULL, NULL);
}
