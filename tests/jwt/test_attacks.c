/* SPDX-License-Identifier: MIT */
/* What is tried against those who check tokens: RFC 8725 section 2, and CVEs of other libraries. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include <coracle/error.h>
#include <coracle/jwt.h>

#include "moment.h"
#include "service.h"
#include "token.h"

#define NOW_S  1800000000
#define CLAIMS "{\"sub\":\"ada\",\"exp\":1800000100}"

struct caller {
	const char *sub;
};
static const struct cor_field caller_fields[] = { COR_FIELD(struct caller, sub) };
COR_LOCAL_SCHEMA(caller_schema, struct caller, caller_fields);
static const struct cor_service service = SERVICE_OF(caller_schema);

static const struct cor_str secret = { "a secret of the service, 32 bytes", 33 };

static const struct cor_jwt_keys *the_keys;

static const struct cor_jwt_keys *keys_of(struct cor_ctx *ctx)
{
	(void)ctx;
	return the_keys;
}

static int verify(struct cor_ctx *ctx, const char *token, struct cor_jwt *ret_jwt)
{
	static const struct cor_jwt_rules rules = { .keys = keys_of };
	struct caller caller = { 0 };

	return cor_jwt_verify(ctx, &rules, token, caller_schema, &caller, ret_jwt);
}

static void use_keys(struct cor_ctx *ctx, const struct cor_jwt_source *sources, size_t len)
{
	struct cor_jwt_keys *keys = NULL;

	if (cor_jwt_keys_create(ctx, sources, len, &keys) != 0)
		fail_msg("%s", cor_problem_of(ctx)->detail);
	the_keys = keys;
}

static void drop_keys(void)
{
	cor_jwt_keys_destroy((struct cor_jwt_keys *)(uintptr_t)the_keys);
	the_keys = NULL;
}

static void refused(
	struct cor_ctx *ctx, const char *name, const char *token, int wanted, const char *why)
{
	struct cor_jwt jwt;
	int rc = verify(ctx, token, &jwt);

	if (rc != wanted || !strstr(jwt.why, why))
		fail_msg("%s: %s: %s", name, cor_errname(rc), jwt.why ? jwt.why : "it is taken");
}

/* --- the header says what a stranger likes; the signature is by the secret all the same --- */

static const struct {
	const char *name;
	const char *header;
	int rc;
	const char *why;
} headers[] = {
	{ "none", "{\"alg\":\"none\"}", -EKEYREJECTED, "nobody has signed it" },
	{ "None", "{\"alg\":\"None\"}", -EKEYREJECTED, "nobody has signed it" },
	{ "nOnE", "{\"alg\":\"nOnE\"}", -EKEYREJECTED, "nobody has signed it" },
	{ "none with a blank", "{\"alg\":\"none \"}", -EKEYREJECTED, "not supported" },
	{ "no algorithm", "{\"typ\":\"JWT\"}", -EBADMSG, "no \"alg\"" },
	{ "empty", "{\"alg\":\"\"}", -EKEYREJECTED, "not supported" },
	{ "null", "{\"alg\":null}", -EBADMSG, "\"alg\" is no text" },
	{ "a number", "{\"alg\":256}", -EBADMSG, "\"alg\" is no text" },
	{ "a list", "{\"alg\":[\"HS256\"]}", -EBADMSG, "\"alg\" is no text" },
	{ "small letters", "{\"alg\":\"hs256\"}", -EKEYREJECTED, "not supported" },
	{ "a NUL behind it", "{\"alg\":\"HS256\\u0000\"}", -EBADMSG, "NUL" },
	{ "unknown", "{\"alg\":\"ES256K\"}", -EKEYREJECTED, "\"ES256K\" is not supported" },
	{ "of JWE", "{\"alg\":\"dir\",\"enc\":\"A128GCM\"}", -EKEYREJECTED, "not supported" },
	{ "of another kind", "{\"alg\":\"RS256\"}", -EKEYREJECTED, "the key is for HS256" },
	{ "longer hash than the secret", "{\"alg\":\"HS512\"}", -EKEYREJECTED, "is for HS256" },
	{ "alg twice", "{\"alg\":\"HS256\",\"alg\":\"none\"}", -EBADMSG, "twice" },
	{ "kid twice", "{\"alg\":\"HS256\",\"kid\":\"a\",\"kid\":\"b\"}", -EBADMSG, "twice" },
	{ "crit", "{\"alg\":\"HS256\",\"crit\":[\"exp\"],\"exp\":1}", -EBADMSG, "\"crit\"" },
	{ "empty crit", "{\"alg\":\"HS256\",\"crit\":[]}", -EBADMSG, "\"crit\"" },
	{ "b64 (RFC 7797)", "{\"alg\":\"HS256\",\"b64\":false}", -EBADMSG, "\"b64\"" },
	{ "kid: a path", "{\"alg\":\"HS256\",\"kid\":\"../../../dev/null\"}", -ENOKEY,
		"no key has the kid \"../../../dev/null\"" },
	{ "kid: SQL", "{\"alg\":\"HS256\",\"kid\":\"x' UNION SELECT 'key\"}", -ENOKEY, "no key" },
	{ "kid: a number", "{\"alg\":\"HS256\",\"kid\":7}", -EBADMSG, "\"kid\" is no text" },
	{ "kid: the key's and a NUL", "{\"alg\":\"HS256\",\"kid\":\"main\\u0000\"}", -EBADMSG,
		"NUL" },
	{ "kid: empty", "{\"alg\":\"HS256\",\"kid\":\"\"}", -ENOKEY, "no key has the kid \"\"" },
	{ "typ: a number", "{\"alg\":\"HS256\",\"typ\":1}", -EBADMSG, "\"typ\" is no text" },
	{ "a list as header", "[\"HS256\"]", -EBADMSG, "no object" },
	{ "a text as header", "\"HS256\"", -EBADMSG, "no object" },
	{ "no JSON", "{\"alg\":\"HS256\"", -EBADMSG, "the header is wrong at byte 14" },
	{ "more behind it", "{\"alg\":\"HS256\"}{}", -EBADMSG, "the header is wrong" },
	{ "not UTF-8", "{\"alg\":\"HS256\",\"x\":\"\xff\"}", -EBADMSG, "the header is wrong" },
	{ "nothing", "", -EBADMSG, "the header is wrong" },
};

static void hostile_headers(void **state)
{
	const struct cor_jwt_source source = { .secret = secret, .kid = "main" };
	struct cor_jwt jwt;
	struct moment moment;

	(void)state;
	moment_begin(&moment, &service, NOW_S, 0);
	use_keys(moment.ctx, &source, 1);
	const char *right = token_by_secret(
		moment.ctx, secret, "{\"alg\":\"HS256\",\"kid\":\"main\"}", CLAIMS);
	assert_int_equal(verify(moment.ctx, right, &jwt), 0);
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		refused(moment.ctx, headers[i].name,
			token_by_secret(moment.ctx, secret, headers[i].header, CLAIMS),
			headers[i].rc, headers[i].why);
	refused(moment.ctx, "none without a signature",
		token_of(moment.ctx, "{\"alg\":\"none\"}", CLAIMS, COR_STR("")), -EKEYREJECTED,
		"nobody has signed it");
	refused(moment.ctx, "HS256 without a signature",
		token_of(moment.ctx, "{\"alg\":\"HS256\"}", CLAIMS, COR_STR("")), -EKEYREJECTED,
		"the signature is wrong");
	drop_keys();
	moment_end(&moment);
}

/* A key of the attacker's own, and where to get it, in the header: never looked at. */
static void keys_that_a_token_brings(void **state)
{
	static const struct cor_str theirs = { "a secret of whoever attacks, 32 b.", 34 };
	static const char *const brought[] = {
		"{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"%s\"}}",
		"{\"alg\":\"HS256\",\"kid\":\"main\",\"jwk\":{\"kty\":\"oct\",\"k\":\"%s\"}}",
		"{\"alg\":\"HS256\",\"jku\":\"https://evil.example/jwks.json#%s\"}",
		"{\"alg\":\"HS256\",\"x5u\":\"https://evil.example/cert.pem#%s\"}",
		"{\"alg\":\"HS256\",\"x5c\":[\"%s\"]}",
	};
	const struct cor_jwt_source source = { .secret = secret, .kid = "main" };
	struct cor_jwt jwt;
	struct moment moment;

	(void)state;
	moment_begin(&moment, &service, NOW_S, 0);
	use_keys(moment.ctx, &source, 1);
	for (size_t i = 0; i < sizeof brought / sizeof *brought; i++) {
		const char *percent = strstr(brought[i], "%s");
		const char *header = cor_printf(moment.ctx, "%.*s%s%s", (int)(percent - brought[i]),
			brought[i], token_part(moment.ctx, theirs), percent + 2);
		refused(moment.ctx, header, token_by_secret(moment.ctx, theirs, header, CLAIMS),
			-EKEYREJECTED, "the signature is wrong");
		/* by the right key it is one as any */
		assert_int_equal(verify(moment.ctx,
					 token_by_secret(moment.ctx, secret, header, CLAIMS), &jwt),
			0);
	}
	drop_keys();
	moment_end(&moment);
}

/* --- algorithm confusion: what everybody knows of a key is taken for a secret --- */

static void public_keys_as_secrets(void **state)
{
	static const char *const named[] = { "{\"alg\":\"HS256\"}",
		"{\"alg\":\"HS256\",\"kid\":\"rsa\"}" };
	EVP_PKEY *pkeys[] = { EVP_RSA_gen(2048), EVP_EC_gen("P-256"),
		EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") };
	struct moment moment;

	(void)state;
	moment_begin(&moment, &service, NOW_S, 0);
	for (size_t i = 0; i < sizeof pkeys / sizeof *pkeys; i++) {
		struct cor_str pem = token_pem(moment.ctx, pkeys[i], 0);
		struct cor_str trimmed = { pem.data, pem.len - 1 };
		const struct cor_jwt_source sources[] = {
			{ .text = pem, .kid = "rsa" },
			{ .secret = secret, .kid = "other" },
		};
		/* a secret beside it does not help, either */
		for (size_t len = 1; len <= 2; len++) {
			use_keys(moment.ctx, sources, len);
			for (size_t k = 0; k < 2; k++) {
				int rc = -EKEYREJECTED;
				refused(moment.ctx, "PEM as secret",
					token_by_secret(moment.ctx, pem, named[k], CLAIMS), rc, "");
				refused(moment.ctx, "PEM without line end",
					token_by_secret(moment.ctx, trimmed, named[k], CLAIMS), rc,
					"");
				refused(moment.ctx, "empty secret",
					token_by_secret(moment.ctx, COR_STR(""), named[k], CLAIMS),
					rc, "");
			}
			drop_keys();
		}
		EVP_PKEY_free(pkeys[i]);
	}
	moment_end(&moment);
}

/* --- signatures that fit no key --- */

/* CVE-2022-21449: r and s of 0 fitted every key elsewhere. */
static void signatures_of_zeros(void **state)
{
	static const struct {
		const char *curve, *alg;
		size_t bytes;
	} cases[] = { { "P-256", "ES256", 32 }, { "P-384", "ES384", 48 },
		{ "P-521", "ES512", 66 } };
	static const char zeros[133], ones[133] = { 1, [32] = 1, [48] = 1, [66] = 1 };
	struct moment moment;

	(void)state;
	moment_begin(&moment, &service, NOW_S, 0);
	for (size_t i = 0; i < 3; i++) {
		EVP_PKEY *pkey = EVP_EC_gen(cases[i].curve);
		struct cor_str pem = token_pem(moment.ctx, pkey, 0);
		const struct cor_jwt_source source = { .text = pem };
		const char *header = cor_printf(moment.ctx, "{\"alg\":\"%s\"}", cases[i].alg);
		use_keys(moment.ctx, &source, 1);
		for (size_t len = 0; len <= 2 * cases[i].bytes + 1; len++) {
			struct cor_str nought = { zeros, len }, one = { ones, len };
			refused(moment.ctx, "zeros", token_of(moment.ctx, header, CLAIMS, nought),
				-EKEYREJECTED, "the signature is wrong");
			refused(moment.ctx, "ones", token_of(moment.ctx, header, CLAIMS, one),
				-EKEYREJECTED, "the signature is wrong");
		}
		drop_keys();
		EVP_PKEY_free(pkey);
	}
	moment_end(&moment);
}

/* ASN.1, as X.509 has it, is not the form of a JWS. */
static void a_signature_in_the_wrong_form(void **state)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char der[100];
	size_t len = sizeof der;
	struct moment moment;

	(void)state;
	moment_begin(&moment, &service, NOW_S, 0);
	struct cor_str pem = token_pem(moment.ctx, pkey, 1);
	const struct cor_jwt_source source = { .text = pem };
	use_keys(moment.ctx, &source, 1);
	const char *header = "{\"alg\":\"ES256\"}";
	const char *input = cor_printf(moment.ctx, "%s.%s", token_part(moment.ctx, cor_str(header)),
		token_part(moment.ctx, cor_str(CLAIMS)));
	assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, pkey), 1);
	assert_int_equal(
		EVP_DigestSign(context, der, &len, (const unsigned char *)input, strlen(input)), 1);
	refused(moment.ctx, "DER",
		token_of(moment.ctx, header, CLAIMS, (struct cor_str){ (const char *)der, len }),
		-EKEYREJECTED, "the signature is wrong");
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pkey);
	drop_keys();
	moment_end(&moment);
}

/* --- texts that are no token, or not the one way to write it --- */

static void texts_that_are_no_tokens(void **state)
{
	static const struct {
		const char *text;
		int rc;
		const char *why;
	} texts[] = {
		{ "", -EBADMSG, "three parts" },
		{ ".", -EBADMSG, "three parts" },
		{ "..", -EBADMSG, "the header is wrong" },
		{ "...", -EBADMSG, "three parts" },
		{ "....", -EBADMSG, "JWE" },
		{ ".....", -EBADMSG, "three parts" },
		{ "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..a.b.c", -EBADMSG, "JWE" },
		{ "Bearer eyJhbGciOiJIUzI1NiJ9.e30.AAAA", -EBADMSG, "base64url" },
		{ "eyJhbGciOiJIUzI1NiJ9=.e30.AAAA", -EBADMSG, "the header is not base64url" },
		{ "eyJhbGciOiJIUzI1NiJ9.e30=.AAAA", -EBADMSG, "the payload is not base64url" },
		{ "eyJhbGciOiJIUzI1NiJ9.e30.AA+/", -EBADMSG, "the signature is not base64url" },
		{ "eyJhbGciOiJIUzI1NiJ9.e31.AAAA", -EBADMSG, "the payload is not base64url" },
		{ "eyJhbGciOiJIUzI1NiJ9.e.AAAA", -EBADMSG, "the payload is not base64url" },
		{ "eyJhbGciOiJIUzI1NiJ9.e30.A", -EBADMSG, "the signature is not base64url" },
		{ "eyJhbGciOiJIUzI1NiJ9.e3\n0.AAAA", -EBADMSG, "the payload is not base64url" },
		{ " eyJhbGciOiJIUzI1NiJ9.e30.AAAA", -EBADMSG, "the header is not base64url" },
		{ "{\"payload\":\"e30\",\"signatures\":[]}", -EBADMSG, "three parts" },
	};
	const struct cor_jwt_source source = { .secret = secret };
	struct moment moment;

	(void)state;
	moment_begin(&moment, &service, NOW_S, 0);
	use_keys(moment.ctx, &source, 1);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		refused(moment.ctx, texts[i].text, texts[i].text, texts[i].rc, texts[i].why);
	drop_keys();
	moment_end(&moment);
}

/* Nothing is looked at of what is too long, and the rule may say how long that is. */
static void huge_tokens(void **state)
{
	static const struct cor_jwt_rules large = { .keys = keys_of, .token_bytes = 1 << 21 };
	const struct cor_jwt_source source = { .secret = secret };
	struct caller caller;
	struct cor_jwt jwt;
	struct moment moment;

	(void)state;
	moment_begin(&moment, &service, NOW_S, 0);
	use_keys(moment.ctx, &source, 1);
	char *filler = cor_alloc(moment.ctx, 1000001);
	memset(filler, 'x', 1000000);
	const char *claims = cor_printf(
		moment.ctx, "{\"sub\":\"ada\",\"exp\":1800000100,\"x\":\"%s\"}", filler);
	const char *token = token_by_secret(moment.ctx, secret, "{\"alg\":\"HS256\"}", claims);
	refused(moment.ctx, "a megabyte", token, -COR_ETOOLARGE, "longer than 16384 bytes");
	assert_int_equal(
		cor_jwt_verify(moment.ctx, &large, token, caller_schema, &caller, &jwt), 0);
	memset(filler, '[', 1000000);
	claims = cor_printf(moment.ctx, "{\"sub\":%s", filler);
	token = token_by_secret(moment.ctx, secret, "{\"alg\":\"HS256\"}", claims);
	assert_int_equal(
		cor_jwt_verify(moment.ctx, &large, token, caller_schema, &caller, &jwt), -EBADMSG);
	/* before the signature is known to be right nothing of the payload is parsed */
	token = cor_printf(moment.ctx, "%.*s%s", (int)strlen(token) - 43, token,
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	assert_int_equal(cor_jwt_verify(moment.ctx, &large, token, caller_schema, &caller, &jwt),
		-EKEYREJECTED);
	drop_keys();
	moment_end(&moment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_headers),
		cmocka_unit_test(keys_that_a_token_brings),
		cmocka_unit_test(public_keys_as_secrets),
		cmocka_unit_test(signatures_of_zeros),
		cmocka_unit_test(a_signature_in_the_wrong_form),
		cmocka_unit_test(texts_that_are_no_tokens),
		cmocka_unit_test(huge_tokens),
	};

	return cmocka_run_group_tests_name("jwt/attacks", tests, NULL, NULL);
}
