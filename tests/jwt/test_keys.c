/* SPDX-License-Identifier: MIT */
/* Keys: what is taken, what is refused and in which words, and that each signs what it checks. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/encoder.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/jwt.h>

#include "moment.h"
#include "service.h"
#include "token.h"

#define NOW_S 1800000000

struct caller {
	const char *sub;
	cor_opt(int64_t) exp;
	const char *note;
};
static const struct cor_field caller_fields[] = {
	COR_FIELD(struct caller, sub),
	COR_OPT_FIELD(struct caller, exp),
	COR_FIELD(struct caller, note, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(caller_schema, struct caller, caller_fields);
static const struct cor_service service = SERVICE_OF(caller_schema);

#define SECRET "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct cor_jwt_keys *keys_of(struct cor_ctx *ctx)
{
	return cor_state(ctx);
}
static const struct cor_jwt_rules rules = { .keys = keys_of };

/** A ctx whose state is keys. */
struct bench {
	struct moment moment;
	struct cor_ctx *ctx;
	struct cor_jwt_keys *keys;
};

static void begin(struct bench *bench, const struct cor_jwt_source *sources, size_t len)
{
	moment_begin(&bench->moment, &service, NOW_S, 0);
	struct cor_ctx *ctx = bench->moment.ctx;
	if (cor_jwt_keys_create(ctx, sources, len, &bench->keys) != 0)
		fail_msg("%s", cor_problem_of(ctx)->detail);
	const struct cor_ctx_options options = {
		.service = &service,
		.state = bench->keys,
		.clock = &bench->moment.clock,
	};
	assert_int_equal(cor_ctx_create(&options, &bench->ctx), 0);
}

static void end(struct bench *bench)
{
	cor_jwt_keys_destroy(bench->keys);
	cor_ctx_destroy(bench->ctx);
	moment_end(&bench->moment);
}

/* --- signing --- */

static EVP_PKEY *generate(const char *type)
{
	if (strcmp(type, "RSA") == 0)
		return EVP_RSA_gen(2048);
	return type[0] == 'P' ? EVP_EC_gen(type) : EVP_PKEY_Q_keygen(NULL, NULL, type);
}

static const struct {
	const char *type;
	uint32_t algorithms;
} kinds[] = {
	{ "RSA", COR_JWT_RS256 | COR_JWT_RS384 | COR_JWT_RS512 | COR_JWT_PS256 | COR_JWT_PS384 |
			 COR_JWT_PS512 },
	{ "P-256", COR_JWT_ES256 },
	{ "P-384", COR_JWT_ES384 },
	{ "P-521", COR_JWT_ES512 },
	{ "ED25519", COR_JWT_EDDSA },
	{ "ED448", COR_JWT_EDDSA },
};

/* Sign with one set, check with another one: of the public half, or of what was published. */
static void sign_and_check(struct bench *signer, struct bench *checker, uint32_t algorithm)
{
	const struct caller ada = { .sub = "ada", .note = "\xc3\xa9 \"" };
	const struct cor_jwt_options options = {
		.algorithm = (enum cor_jwt_algorithm)algorithm,
		.lifetime_s = 900,
		.issuer = "shop",
		.has_id = true,
		.scope = "a b",
	};
	struct caller caller = { 0 };
	struct cor_str token;
	struct cor_jwt jwt;

	assert_int_equal(
		cor_jwt_sign(signer->ctx, signer->keys, caller_schema, &ada, &token, &options), 0);
	int rc = cor_jwt_verify(checker->ctx, &rules, token.data, caller_schema, &caller, &jwt);
	if (rc < 0)
		fail_msg("%u: %s", algorithm, jwt.why);
	assert_int_equal(jwt.algorithm, algorithm);
	assert_string_equal(caller.sub, "ada");
	assert_string_equal(caller.note, ada.note);
	assert_int_equal(caller.exp.value, NOW_S + 900);
	assert_int_equal(jwt.issued_s, NOW_S);
	assert_int_equal(jwt.expires_s, NOW_S + 900);
	assert_int_equal(strlen(jwt.id), 36);
	assert_string_equal(jwt.issuer, "shop");
	assert_string_equal(jwt.scope, "a b");
}

static void each_kind_signs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		EVP_PKEY *pkey = generate(kinds[i].type);
		struct bench signer, checker, published;
		struct moment moment;
		struct cor_json set;
		moment_begin(&moment, NULL, NOW_S, 0);
		const struct cor_jwt_source private_half = { .text = token_pem(moment.ctx, pkey, 1),
			.kid = "k" };
		const struct cor_jwt_source public_half = { .text = token_pem(
								    moment.ctx, pkey, 0) };
		begin(&signer, &private_half, 1);
		begin(&checker, &public_half, 1);
		assert_int_equal(cor_jwt_keys_print(signer.ctx, signer.keys, &set), 0);
		begin(&published, &(struct cor_jwt_source){ .text = set.text }, 1);
		for (uint32_t bit = 1; bit <= COR_JWT_EDDSA; bit <<= 1)
			if (kinds[i].algorithms & bit) {
				sign_and_check(&signer, &checker, bit);
				sign_and_check(&signer, &published, bit);
			} else {
				struct cor_jwt_options options = {
					.algorithm = (enum cor_jwt_algorithm)bit
				};
				struct cor_str token;
				assert_int_equal(cor_jwt_sign(signer.ctx, signer.keys, COR_NONE,
							 &(struct cor_none){ 0 }, &token, &options),
					-ENOKEY);
			}
		/* the public half signs nothing, and does not say what it does not know */
		struct cor_str token;
		assert_int_equal(
			cor_jwt_sign(checker.ctx, checker.keys, COR_NONE, &(struct cor_none){ 0 },
				&token, &(struct cor_jwt_options){ .lifetime_s = 1 }),
			-ENOKEY);
		assert_null(memmem(set.text.data, set.text.len, "\"d\"", 3));
		end(&signer);
		end(&checker);
		end(&published);
		moment_end(&moment);
		EVP_PKEY_free(pkey);
	}
}

static void secrets_sign(void **state)
{
	static const struct {
		size_t bytes;
		uint32_t algorithms;
	} cases[] = {
		{ 32, COR_JWT_HS256 },
		{ 47, COR_JWT_HS256 },
		{ 48, COR_JWT_HS256 | COR_JWT_HS384 },
		{ 64, COR_JWT_HS256 | COR_JWT_HS384 | COR_JWT_HS512 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct cor_jwt_source source = { .secret = { SECRET, cases[i].bytes } };
		struct cor_json set;
		struct bench bench;
		begin(&bench, &source, 1);
		for (uint32_t bit = COR_JWT_HS256; bit <= COR_JWT_HS512; bit <<= 1)
			if (cases[i].algorithms & bit)
				sign_and_check(&bench, &bench, bit);
		assert_int_equal(cor_jwt_keys_print(bench.ctx, bench.keys, &set), 0);
		assert_true(cor_str_equal(set.text, cor_str("{\"keys\":[]}")));
		end(&bench);
	}
}

static void options_of_signing(void **state)
{
	const struct cor_jwt_source sources[] = {
		{ .secret = { SECRET, 32 }, .kid = "old" },
		{ .secret = { SECRET, 64 }, .kid = "new", .algorithms = COR_JWT_HS512 },
	};
	const struct caller ada = { .sub = "ada" };
	const struct caller until = { .sub = "ada", .exp = { COR_SET, NOW_S + 5 } };
	struct caller caller;
	struct cor_str token;
	struct cor_jwt jwt;
	struct bench bench;

	(void)state;
	begin(&bench, sources, 2);
	struct cor_ctx *ctx = bench.ctx;
	struct cor_jwt_options options = { .lifetime_s = 60 };
	assert_int_equal(cor_jwt_sign(ctx, bench.keys, caller_schema, &ada, &token, &options), 0);
	assert_int_equal(cor_jwt_verify(ctx, &rules, token.data, caller_schema, &caller, &jwt), 0);
	assert_string_equal(jwt.kid, "old");
	options.kid = "new";
	assert_int_equal(cor_jwt_sign(ctx, bench.keys, caller_schema, &ada, &token, &options), 0);
	assert_int_equal(cor_jwt_verify(ctx, &rules, token.data, caller_schema, &caller, &jwt), 0);
	assert_string_equal(jwt.kid, "new");
	assert_int_equal(jwt.algorithm, COR_JWT_HS512);
	options.algorithm = COR_JWT_HS256;
	assert_int_equal(
		cor_jwt_sign(ctx, bench.keys, caller_schema, &ada, &token, &options), -ENOKEY);
	/* the end: of the struct, of the options, none, and nobody says */
	options = (struct cor_jwt_options){ 0 };
	assert_int_equal(
		cor_jwt_sign(ctx, bench.keys, caller_schema, &ada, &token, &options), -EINVAL);
	assert_int_equal(cor_jwt_sign(ctx, bench.keys, caller_schema, &until, &token, &options), 0);
	assert_int_equal(cor_jwt_verify(ctx, &rules, token.data, caller_schema, &caller, &jwt), 0);
	assert_int_equal(jwt.expires_s, NOW_S + 5);
	options.lifetime_s = COR_FOREVER;
	assert_int_equal(cor_jwt_sign(ctx, bench.keys, caller_schema, &until, &token, &options), 0);
	assert_int_equal(
		cor_jwt_verify(ctx, &rules, token.data, caller_schema, &caller, &jwt), -EACCES);
	options.lifetime_s = COR_FOREVER - 1;
	assert_int_equal(
		cor_jwt_sign(ctx, bench.keys, caller_schema, &ada, &token, &options), -EINVAL);
	/* what is no text has no JSON */
	options = (struct cor_jwt_options){ .lifetime_s = 60, .issuer = "\xff" };
	assert_int_equal(cor_jwt_sign(ctx, bench.keys, caller_schema, &ada, &token, &options),
		-COR_EINVALID);
	const struct caller broken = { .sub = "\xff" };
	options.issuer = NULL;
	assert_int_equal(cor_jwt_sign(ctx, bench.keys, caller_schema, &broken, &token, &options),
		-COR_EINVALID);
	end(&bench);
}

/* --- which key --- */

static void keys_are_found_by_name(void **state)
{
	static const char *const named = "{\"alg\":\"HS256\",\"kid\":\"b\"}";
	static const char *const plain = "{\"alg\":\"HS256\"}";
	const struct cor_str a = { SECRET "a", 65 }, b = { SECRET "b", 65 };
	const struct cor_jwt_source both[] = { { .secret = a, .kid = "a" },
		{ .secret = b, .kid = "b" } };
	const struct cor_jwt_source nameless = { .secret = b };
	const char *claims = "{\"sub\":\"ada\",\"exp\":1e10}";
	struct caller caller;
	struct cor_jwt jwt;
	struct bench bench;

	(void)state;
	begin(&bench, both, 2);
	struct cor_ctx *ctx = bench.ctx;
#define CHECK(token) cor_jwt_verify(ctx, &rules, token, caller_schema, &caller, &jwt)
	assert_int_equal(CHECK(token_by_secret(ctx, b, named, claims)), 0);
	assert_int_equal(CHECK(token_by_secret(ctx, a, named, claims)), -EKEYREJECTED);
	assert_int_equal(CHECK(token_by_secret(ctx, a, plain, claims)), 0);
	assert_int_equal(CHECK(token_by_secret(ctx, b, plain, claims)), 0);
	end(&bench);
	begin(&bench, &nameless, 1);
	ctx = bench.ctx;
	assert_int_equal(CHECK(token_by_secret(ctx, b, named, claims)), 0);
	assert_int_equal(CHECK(token_by_secret(ctx, a, named, claims)), -EKEYREJECTED);
#undef CHECK
	end(&bench);
}

/* --- what is refused, and in which words --- */

#define EC_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define EC_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define ED_D "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define ED_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define OCT  "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr8"

static const struct {
	const char *text;
	uint32_t algorithms;
	const char *why;
} refused_texts[] = {
	{ "", 0, "neither PEM nor a JWK" },
	{ "secret", 0, "a secret is given as .secret" },
	{ "[]", 0, "neither PEM nor a JWK" },
	{ "{", 0, "line 1, column 2" },
	{ "{}", 0, "\"kty\" is not RSA" },
	{ "{\"kty\":\"oct\",\n\"kty\":\"oct\"}", 0, "a member is there twice" },
	{ "{\"kty\":\"DH\"}", 0, "\"kty\" is not RSA, EC, OKP or oct" },
	{ "{\"kty\":7}", 0, "\"kty\" is not RSA" },
	{ "{\"kty\":\"oct\"}", 0, "\"k\" is missing" },
	{ "{\"kty\":\"oct\",\"k\":\"a+b/\"}", 0, "\"k\" is not base64url" },
	{ "{\"kty\":\"oct\",\"k\":\"" OCT "\",\"kid\":7}", 0, "\"kid\" is no text" },
	{ "{\"kty\":\"oct\",\"k\":\"" OCT "\",\"kid\":\"\\u0000\"}", 0, "\"kid\" is no text" },
	{ "{\"kty\":\"oct\",\"k\":\"AAAA\"}", 0, "a secret of 3 bytes is too short" },
	{ "{\"kty\":\"oct\",\"k\":\"" OCT "\",\"alg\":\"HS512\"}", 0, "for HS256, not for HS512" },
	{ "{\"kty\":\"oct\",\"k\":\"" OCT "\",\"alg\":\"RS256\"}", 0, "for HS256, not for RS256" },
	{ "{\"kty\":\"oct\",\"k\":\"" OCT "\",\"alg\":\"none\"}", 0, "\"alg\" is \"none\"" },
	{ "{\"kty\":\"oct\",\"k\":\"" OCT "\",\"alg\":5}", 0, "\"alg\" is \"\"" },
	{ "{\"kty\":\"oct\",\"k\":\"" OCT "\",\"use\":\"enc\"}", 0, "\"use\" is not \"sig\"" },
	{ "{\"kty\":\"oct\",\"k\":\"" OCT "\",\"key_ops\":[\"encrypt\"]}", 0, "\"key_ops\"" },
	{ "{\"kty\":\"oct\",\"k\":\"" OCT "\"}", COR_JWT_ES256, "for HS256, not for ES256" },
	{ "{\"kty\":\"RSA\",\"e\":\"AQAB\"}", 0, "\"n\" is missing" },
	{ "{\"kty\":\"RSA\",\"n\":\"" OCT "\",\"e\":\"AQAB\"}", 0, "bits is too small, 2048" },
	{ "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"d\":\"AQAB\",\"oth\":[]}", 0,
		"more than two primes" },
	{ "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}", 0,
		"\"crv\" is not P-256, P-384 or P-521" },
	{ "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\"}", 0, "\"y\" is missing" },
	{ "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}", 0,
		"have 48 bytes each" },
	{ "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_Y "\",\"y\":\"" EC_X "\"}", 0,
		"the key is broken" },
	{ "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\",\"d\":\"" OCT
	  "\"}",
		0, "the private half of the key is not that of its public half" },
	{ "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y
	  "\",\"d\":\"jpsQnnGQmL-YBIffH1136XcspYG6-0iY7X1fCE9-E9LI\"}", /* it does not even sign */
		0, "the private half of the key is not that of its public half" },
	{ "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" ED_X "\"}", 0, "not Ed25519 or Ed448" },
	{ "{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"" ED_X "\"}", 0, "the key is broken" },
	{ "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" EC_X "\",\"d\":\"" ED_D "\"}", 0,
		"do not belong together" },
	{ "{\"keys\":[]}", 0, "holds no key" },
	{ "{\"keys\":{}}", 0, "\"keys\" of a JWK set is an array" },
	{ "{\"keys\":[7]}", 0, "no key of the JWK set can be used: key source 1, key 1: \"kty\"" },
	{ "-----BEGIN CERTIFICATE-----\n", 0, "the certificate cannot be read" },
	{ "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n", 0,
		"the public key cannot be read" },
	{ "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", 0,
		"the private key cannot be read" },
	{ "-----BEGIN X509 CRL-----\n", 0, "neither PUBLIC KEY, PRIVATE KEY nor CERTIFICATE" },
};

static void refused(const struct cor_jwt_source *sources, size_t len, const char *why)
{
	struct cor_jwt_keys *keys;
	struct moment moment;

	moment_begin(&moment, NULL, NOW_S, 0);
	int rc = cor_jwt_keys_create(moment.ctx, sources, len, &keys);
	const char *detail = rc < 0 ? cor_problem_of(moment.ctx)->detail : "it is taken";
	if (rc != -COR_EPROBLEM || !strstr(detail, why))
		fail_msg("wanted: %s: %s", why, detail);
	moment_end(&moment);
}

static void texts_that_are_no_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused_texts / sizeof *refused_texts; i++) {
		const struct cor_jwt_source source = { .text = cor_str(refused_texts[i].text),
			.algorithms = refused_texts[i].algorithms };
		refused(&source, 1, refused_texts[i].why);
	}
}

static void keys_that_are_not_fit(void **state)
{
	EVP_PKEY *pkeys[] = { EVP_RSA_gen(1024), EVP_EC_gen("secp256k1"),
		EVP_PKEY_Q_keygen(NULL, NULL, "X25519"), EVP_EC_gen("P-256") };
	static const char *const why[] = { "an RSA key of 1024 bits is too small",
		"its curve is not P-256", "neither RSA, EC", "for ES256, not for RS256" };
	struct moment moment;

	(void)state;
	moment_begin(&moment, NULL, NOW_S, 0);
	for (size_t i = 0; i < sizeof pkeys / sizeof *pkeys; i++)
		for (int is_private = 0; is_private <= 1; is_private++) {
			const struct cor_jwt_source source = {
				.text = token_pem(moment.ctx, pkeys[i], is_private),
				.algorithms = i == 3 ? COR_JWT_RS256 : 0,
			};
			refused(&source, 1, why[i]);
		}
	/* a password */
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	assert_int_equal(
		PEM_write_bio_PrivateKey(bio, pkeys[3], EVP_aes_128_cbc(), NULL, 0, NULL, "pw"), 1);
	size_t len = (size_t)BIO_get_mem_data(bio, &data);
	refused(&(struct cor_jwt_source){ .text = { data, len } }, 1, "the key is encrypted");
	BIO_free(bio);
	for (size_t i = 0; i < sizeof pkeys / sizeof *pkeys; i++)
		EVP_PKEY_free(pkeys[i]);
	moment_end(&moment);
}

/* Public keys are known: as a secret each would let everybody sign. */
static void public_keys_as_secrets(void **state)
{
	EVP_PKEY *pkey = generate("P-256");
	uint8_t *der = NULL;
	int len = i2d_PUBKEY(pkey, &der);

	(void)state;
	assert_true(len > 32);
	refused(&(struct cor_jwt_source){ .secret = { (const char *)der, (size_t)len } }, 1,
		"it is no secret but a key");
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
}

/* Random bytes, of which one begins as JSON does, and one as DER does. */
static void random_secrets(void **state)
{
	static const char *const begins[] = { "{\x01", " {\xff", "\n{k", "{\"\x02", "\x30\x1e",
		"ss" };
	struct moment moment;

	(void)state;
	moment_begin(&moment, NULL, 1000, 0);
	for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
		char secret[32];
		struct cor_jwt_keys *keys = NULL;
		memset(secret, 0x91, sizeof secret);
		memcpy(secret, begins[i], strlen(begins[i]));
		const struct cor_jwt_source source = { .secret = { secret, sizeof secret } };
		assert_int_equal(cor_jwt_keys_create(moment.ctx, &source, 1, &keys), 0);
		cor_jwt_keys_destroy(keys);
	}
	moment_end(&moment);
}

/* Nobody notices that the second of two keys is not taken, until it signs. */
static void two_keys_in_one_file(void **state)
{
	EVP_PKEY *pkey = generate("P-256");
	struct moment moment;

	(void)state;
	moment_begin(&moment, NULL, NOW_S, 0);
	for (int is_private = 0; is_private <= 1; is_private++) {
		struct cor_str one = token_pem(moment.ctx, pkey, is_private);
		const char *two = cor_printf(moment.ctx, "%s%s", one.data, one.data);
		refused(&(struct cor_jwt_source){ .text = cor_str(two) }, 1, "it has several keys");
	}
	EVP_PKEY_free(pkey);
	moment_end(&moment);
}

static void sources_that_are_none(void **state)
{
	static const struct cor_str secret = { SECRET, 32 };
	const struct cor_jwt_source both = { .secret = secret, .text = secret };
	const struct cor_jwt_source empty = { .kid = "a" };
	const struct cor_jwt_source pem = { .secret = COR_STR(
						    "-----BEGIN PUBLIC KEY-----\nMIIBIjAN") };
	const struct cor_jwt_source ssh = { .secret = COR_STR(
						    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB") };
	const struct cor_jwt_source jwk = { .secret = COR_STR(
						    "{\"kty\":\"oct\",\"k\":\"" OCT "\"}") };
	const struct cor_jwt_source spaced = { .secret = COR_STR(
						       " \n{\"kty\":\"oct\",\"k\":\"" OCT "\"}") };
	const struct cor_jwt_source away = { .path = "/nowhere/jwks.json" };
	const struct cor_jwt_source second[] = { { .secret = secret },
		{ .secret = { SECRET, 31 } } };
	struct cor_jwt_source many[COR_JWT_KEYS_MAX + 1];

	(void)state;
	refused(NULL, 0, "there is no source of keys");
	refused(&both, 1,
		"key source 1: give one of .secret, .secret_path, .text and .path, not 2");
	refused(&empty, 1, "not 0");
	refused(&pem, 1, "it is no secret but a key");
	refused(&ssh, 1, "it is no secret but a key");
	refused(&jwk, 1, "it is no secret but a key");
	refused(&spaced, 1, "it is no secret but a key");
	refused(&away, 1, "cannot read /nowhere/jwks.json: No such file");
	refused(second, 2, "key source 2: a secret of 31 bytes");
	for (size_t i = 0; i <= COR_JWT_KEYS_MAX; i++)
		many[i] = (struct cor_jwt_source){ .secret = secret };
	refused(many, COR_JWT_KEYS_MAX + 1, "more than 100 keys");
	struct bench bench;
	begin(&bench, many, COR_JWT_KEYS_MAX);
	end(&bench);
}

/* RFC 7517 section 5: what is not understood is passed over, and whoever needs it is told why. */
static void a_set_with_keys_for_others(void **state)
{
	static const char set[] =
		"{\"keys\":["
		"{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"short\"},"
		"{\"kty\":\"future\",\"kid\":\"new\"},"
		"{\"kty\":\"oct\",\"k\":\"" OCT "\",\"use\":\"enc\",\"kid\":\"enc\"},"
		"{\"kty\":\"oct\",\"k\":\"" OCT "\",\"kid\":\"good\",\"alg\":\"HS256\","
		"\"key_ops\":[\"sign\",\"verify\"],\"x5t\":\"unknown\"}],\"next\":null}";
	static const char *const names[] = { "short", "new", "enc", "other" };
	static const char *const why[] = { "left out: key source 1, key 1: a secret of 3 bytes",
		"key 2: \"kty\"", "key 3: \"use\"", "no key has the kid \"other\"" };
	const struct cor_jwt_source source = { .text = cor_str(set) };
	char k[] = { 3, 35, 53, 75, 43, 15, (char)165, (char)188, (char)131, 126, 6, 101, 119, 123,
		(char)166, (char)143, 90, (char)179, 40, (char)230, (char)240, 84, (char)201, 40,
		(char)169, 15, (char)132, (char)178, (char)210, 80, 46, (char)191 };
	const struct cor_str secret = { k, sizeof k };
	struct caller caller;
	struct cor_jwt jwt;
	struct bench bench;

	(void)state;
	begin(&bench, &source, 1);
	const char *good = token_by_secret(bench.ctx, secret,
		"{\"alg\":\"HS256\",\"kid\":\"good\"}", "{\"sub\":\"ada\",\"exp\":1e10}");
	assert_int_equal(cor_jwt_verify(bench.ctx, &rules, good, caller_schema, &caller, &jwt), 0);
	for (size_t i = 0; i < 4; i++) {
		const char *header = cor_printf(
			bench.ctx, "{\"alg\":\"HS256\",\"kid\":\"%s\"}", names[i]);
		const char *token = token_by_secret(
			bench.ctx, secret, header, "{\"sub\":\"ada\",\"exp\":1e10}");
		assert_int_equal(
			cor_jwt_verify(bench.ctx, &rules, token, caller_schema, &caller, &jwt),
			-ENOKEY);
		if (!strstr(jwt.why, why[i]))
			fail_msg("%s is not in: %s", why[i], jwt.why);
	}
	end(&bench);
}

/* --- files, certificates, and RSA as PKCS #1 has it --- */

static void write_file(const char *path, struct cor_str text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text.data, 1, text.len, file), text.len);
	assert_int_equal(fclose(file), 0);
}

static struct cor_str written(BIO *bio, struct cor_ctx *ctx)
{
	char *data;
	size_t len = (size_t)BIO_get_mem_data(bio, &data);
	char *copy = cor_alloc(ctx, len + 1);

	memcpy(copy, data, len);
	BIO_free(bio);
	return (struct cor_str){ copy, len };
}

static struct cor_str certificate_of(struct cor_ctx *ctx, EVP_PKEY *pkey)
{
	X509 *certificate = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());

	X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 60);
	X509_set_pubkey(certificate, pkey);
	assert_true(X509_sign(certificate, pkey, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
	X509_free(certificate);
	return written(bio, ctx);
}

static void other_forms(void **state)
{
	char folder[] = "/tmp/coracle-jwt-XXXXXX", path[64];
	EVP_PKEY *pkey = EVP_RSA_gen(2048);
	BIO *pkcs1 = BIO_new(BIO_s_mem()), *old = BIO_new(BIO_s_mem());
	struct moment moment;
	struct bench signer, checker;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/key", folder);
	moment_begin(&moment, NULL, NOW_S, 0);
	OSSL_ENCODER_CTX *encoder = OSSL_ENCODER_CTX_new_for_pkey(
		pkey, EVP_PKEY_PUBLIC_KEY, "PEM", "type-specific", NULL);
	assert_int_equal(OSSL_ENCODER_to_bio(encoder, pkcs1), 1);
	OSSL_ENCODER_CTX_free(encoder);
	assert_int_equal(
		PEM_write_bio_PrivateKey_traditional(old, pkey, NULL, NULL, 0, NULL, NULL), 1);
	const struct cor_jwt_source private_half = { .text = written(old, moment.ctx) };
	begin(&signer, &private_half, 1);
	struct cor_str publics[] = { written(pkcs1, moment.ctx), certificate_of(moment.ctx, pkey),
		token_pem(moment.ctx, pkey, 0) };
	for (size_t i = 0; i < 3; i++) {
		write_file(path, publics[i]);
		begin(&checker, &(struct cor_jwt_source){ .path = path }, 1);
		sign_and_check(&signer, &checker, COR_JWT_PS256);
		end(&checker);
	}
	end(&signer);
	/* a secret with and without the line end of an editor */
	const struct cor_jwt_source plain = { .secret = { SECRET, 64 } };
	begin(&signer, &plain, 1);
	static const struct cor_str files[] = { { SECRET, 64 }, { SECRET "\n", 65 },
		{ SECRET "\r\n", 66 } };
	for (size_t i = 0; i < 3; i++) {
		write_file(path, files[i]);
		begin(&checker, &(struct cor_jwt_source){ .secret_path = path }, 1);
		sign_and_check(&signer, &checker, COR_JWT_HS512);
		end(&checker);
	}
	end(&signer);
	unlink(path);
	rmdir(folder);
	EVP_PKEY_free(pkey);
	moment_end(&moment);
}

/* --- one set, many threads --- */

static void *sign_often(void *arg)
{
	static const uint32_t algorithms[] = { COR_JWT_HS256, COR_JWT_ES256, COR_JWT_EDDSA,
		COR_JWT_PS256 };
	struct bench bench = { .keys = arg };

	moment_begin(&bench.moment, NULL, NOW_S, 0);
	const struct cor_ctx_options options = {
		.service = &service,
		.state = arg,
		.clock = &bench.moment.clock,
	};
	assert_int_equal(cor_ctx_create(&options, &bench.ctx), 0);
	for (size_t i = 0; i < 40; i++)
		sign_and_check(&bench, &bench, algorithms[i % 4]);
	cor_ctx_destroy(bench.ctx);
	moment_end(&bench.moment);
	return arg;
}

static void threads_share_keys(void **state)
{
	EVP_PKEY *pkeys[] = { EVP_RSA_gen(2048), EVP_EC_gen("P-256"),
		EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") };
	struct cor_jwt_source sources[4] = { { .secret = { SECRET, 32 } } };
	pthread_t threads[4];
	struct moment moment;
	struct bench bench;

	(void)state;
	moment_begin(&moment, NULL, NOW_S, 0);
	for (size_t i = 0; i < 3; i++) {
		sources[i + 1].text = token_pem(moment.ctx, pkeys[i], 1);
		EVP_PKEY_free(pkeys[i]);
	}
	begin(&bench, sources, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_often, bench.keys), 0);
	for (size_t i = 0; i < 4; i++) {
		void *result;
		pthread_join(threads[i], &result);
		assert_ptr_equal(result, bench.keys);
	}
	end(&bench);
	moment_end(&moment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_signs),
		cmocka_unit_test(secrets_sign),
		cmocka_unit_test(options_of_signing),
		cmocka_unit_test(keys_are_found_by_name),
		cmocka_unit_test(texts_that_are_no_keys),
		cmocka_unit_test(keys_that_are_not_fit),
		cmocka_unit_test(public_keys_as_secrets),
		cmocka_unit_test(random_secrets),
		cmocka_unit_test(two_keys_in_one_file),
		cmocka_unit_test(sources_that_are_none),
		cmocka_unit_test(a_set_with_keys_for_others),
		cmocka_unit_test(other_forms),
		cmocka_unit_test(threads_share_keys),
	};

	return cmocka_run_group_tests_name("jwt/keys", tests, NULL, NULL);
}
