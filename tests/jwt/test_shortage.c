/* SPDX-License-Identifier: MIT */
/*
 * Each allocation fails once: nothing crashes or leaks, what is right is refused with a code at
 * most, and what is forged is never taken. Under a sanitizer only those of OpenSSL fail.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>

#include <openssl/crypto.h>
#include <openssl/rsa.h>

#include <coracle/error.h>
#include <coracle/jwt.h>
#include <coracle/password.h>
#include <coracle/sealing.h>

#include "moment.h"
#include "service.h"
#include "token.h"

#define NOW_S 1800000000

/* --- the allocation that fails --- */

static long left = -1; /* until then; below 0: none does */
static bool has_failed;

static bool fails(void)
{
	if (left < 0 || left-- > 0)
		return false;
	has_failed = true;
	errno = ENOMEM;
	return true;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)

static void *fail_malloc(size_t bytes, const char *file, int line)
{
	(void)file, (void)line;
	return fails() ? NULL : malloc(bytes);
}

static void *fail_realloc(void *memory, size_t bytes, const char *file, int line)
{
	(void)file, (void)line;
	return fails() ? NULL : realloc(memory, bytes);
}

static void fail_free(void *memory, const char *file, int line)
{
	(void)file, (void)line;
	free(memory);
}

static void hook(void)
{
	assert_int_equal(CRYPTO_set_mem_functions(fail_malloc, fail_realloc, fail_free), 1);
}

#else

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t len, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);

void *malloc(size_t bytes)
{
	return fails() ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t len, size_t bytes)
{
	return fails() ? NULL : __libc_calloc(len, bytes);
}

void *realloc(void *memory, size_t bytes)
{
	return fails() ? NULL : __libc_realloc(memory, bytes);
}

static void hook(void)
{
}

#endif

/* --- what is done --- */

struct caller {
	const char *sub;
};
static const struct cor_field caller_fields[] = { COR_FIELD(struct caller, sub) };
COR_LOCAL_SCHEMA(caller_schema, struct caller, caller_fields);
static const struct cor_service service = SERVICE_OF(caller_schema);

static const struct cor_str secret = { "a secret of the service, 32 bytes", 33 };

/** What a step works with; none of it is made while allocations fail. */
struct bench {
	struct cor_ctx *ctx;
	const struct cor_jwt_source *source; /* of keys to make */
	const char *right, *forged;          /* tokens */
	struct cor_str sealed;
	const char *hash;
};

static const struct cor_jwt_keys *the_keys;
static const struct cor_seal_keys *the_seal_keys;

static const struct cor_jwt_keys *keys_of(struct cor_ctx *ctx)
{
	(void)ctx;
	return the_keys;
}
static const struct cor_jwt_rules rules = { .keys = keys_of, .audience = "a" };

/** A step returns 0 or a code; `allowed` are those besides -ENOMEM that it may have. */
struct step {
	int (*run)(const struct bench *bench);
	int allowed;
};

static int make_keys(const struct bench *bench)
{
	struct cor_jwt_keys *keys;
	int rc = cor_jwt_keys_create(bench->ctx, bench->source, 1, &keys);

	if (rc == 0)
		cor_jwt_keys_destroy(keys);
	return rc;
}

static int publish(const struct bench *bench)
{
	struct cor_json set;

	return cor_jwt_keys_print(bench->ctx, the_keys, &set);
}

static int sign(const struct bench *bench)
{
	const struct cor_jwt_options options = { .lifetime_s = 60, .audience = "a" };
	const struct caller caller = { .sub = "ada" };
	struct cor_str token;

	return cor_jwt_sign(bench->ctx, the_keys, caller_schema, &caller, &token, &options);
}

static int verify(const struct bench *bench)
{
	struct caller caller = { 0 };
	struct cor_jwt jwt;
	int rc = cor_jwt_verify(bench->ctx, &rules, bench->right, caller_schema, &caller, &jwt);

	if (rc == 0)
		assert_string_equal(caller.sub, "ada");
	else
		assert_non_null(jwt.why);
	return rc;
}

static int verify_forged(const struct bench *bench)
{
	struct caller caller = { 0 };
	struct cor_jwt jwt;
	int rc = cor_jwt_verify(bench->ctx, &rules, bench->forged, caller_schema, &caller, &jwt);

	assert_int_not_equal(rc, 0);
	return rc == -EKEYREJECTED ? 0 : rc;
}

static int seal(const struct bench *bench)
{
	struct cor_str text;
	int rc = cor_seal_signed(bench->ctx, the_seal_keys, "p", COR_STR("value"), &text);

	return rc < 0 ? rc
		      : cor_seal_encrypted(bench->ctx, the_seal_keys, "p", COR_STR("value"), &text);
}

static int unseal(const struct bench *bench)
{
	struct cor_unsealed out;
	int rc = cor_unseal_encrypted(bench->ctx, the_seal_keys, "p", 60, bench->sealed, &out);

	if (rc == 0)
		assert_true(cor_str_equal(out.value, COR_STR("value")));
	return rc;
}

static int unseal_forged(const struct bench *bench)
{
	struct cor_unsealed out;
	int rc = cor_unseal_encrypted(bench->ctx, the_seal_keys, "q", 60, bench->sealed, &out);

	assert_int_not_equal(rc, 0);
	return rc == -EKEYREJECTED ? 0 : rc;
}

static int make_seal_keys(const struct bench *bench)
{
	struct cor_seal_keys *keys;
	int rc = cor_seal_keys_create(bench->ctx, &secret, 1, &keys);

	if (rc == 0)
		cor_seal_keys_destroy(keys);
	return rc;
}

static const struct cor_password_cost cheap = { .log_n = 10, .r = 1, .p = 1 };

static int hash(const struct bench *bench)
{
	char text[COR_PASSWORD_HASH_BYTES];

	(void)bench;
	return cor_password_hash("password", &cheap, text);
}

static int check_password(const struct bench *bench)
{
	return cor_password_verify("password", bench->hash, &cheap, NULL);
}

static int check_wrong_password(const struct bench *bench)
{
	int rc = cor_password_verify("wrong", bench->hash, &cheap, NULL);

	assert_int_not_equal(rc, 0);
	return rc == -EACCES ? 0 : rc;
}

/* --- each allocation of it --- */

/* Or each `stride`th. Returns how many were tried. */
static long fail_each(const struct bench *bench, const struct step *step, long stride)
{
	for (long at = 0, count = 0;; at += stride, count++) {
		struct moment moment;
		struct bench here = *bench;
		moment_begin(&moment, &service, NOW_S, 0);
		here.ctx = moment.ctx;
		has_failed = false;
		left = at;
		int rc = step->run(&here);
		left = -1;
		moment_end(&moment);
		if (rc < 0 && rc != -ENOMEM && rc != step->allowed)
			fail_msg("allocation %ld: %s", at, cor_errname(rc));
		if (!has_failed) {
			assert_int_equal(rc, 0);
			return count;
		}
	}
}

static const char *signed_by(
	struct cor_ctx *ctx, const struct cor_jwt_keys *keys, struct cor_str *ret)
{
	const struct cor_jwt_options options = { .lifetime_s = 60, .audience = "a" };
	const struct caller caller = { .sub = "ada" };

	assert_int_equal(cor_jwt_sign(ctx, keys, caller_schema, &caller, ret, &options), 0);
	return ret->data;
}

/* Keys are as PEM or as JWK: each way to read them is there. */
static void of_keys(
	struct cor_ctx *ctx, const struct cor_jwt_source *source, const char *name, long stride)
{
	static const struct step steps[] = {
		{ make_keys, -COR_EPROBLEM },
		{ publish, -ENOMEM },
		{ sign, -COR_EINVALID },
		{ verify, -EKEYREJECTED }, /* OpenSSL does not always say that it was memory */
		{ verify_forged, -ENOMEM },
	};
	struct cor_jwt_keys *keys;
	struct cor_str token;
	long count = 0;

	assert_int_equal(cor_jwt_keys_create(ctx, source, 1, &keys), 0);
	the_keys = keys;
	struct bench bench = { .source = source, .right = signed_by(ctx, keys, &token) };
	char *forged = cor_strdup(ctx, bench.right);
	char *claim = strchr(forged, '.') + 5;
	*claim = *claim == 'A' ? 'B' : 'A';
	bench.forged = forged;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		count += fail_each(&bench, &steps[i], stride);
	print_message("# figure: %s: %ld allocations failed\n", name, count);
	cor_jwt_keys_destroy(keys);
	the_keys = NULL;
}

static void tokens(void **state)
{
	static const struct {
		const char *name, *jwk;
	} jwks[] = {
		{ "oct",
			"{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr8\"}" },
		{ "EC", "{\"kty\":\"EC\",\"crv\":\"P-256\","
			"\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
			"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","
			"\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}" },
		{ "OKP", "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"o\","
			 "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
			 "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
			 "{\"kty\":\"later\",\"kid\":\"l\"}]}" },
	};
	struct moment moment;

	(void)state;
	moment_begin(&moment, &service, NOW_S, 0);
	for (size_t i = 0; i < sizeof jwks / sizeof *jwks; i++) {
		const struct cor_jwt_source source = { .text = cor_str(jwks[i].jwk) };
		of_keys(moment.ctx, &source, jwks[i].name, 1);
	}
	EVP_PKEY *pkey = EVP_RSA_gen(2048);
	const struct cor_jwt_source rsa = {
		.text = token_pem(moment.ctx, pkey, 1),
		.algorithms = COR_JWT_PS256,
	};
	of_keys(moment.ctx, &rsa, "RSA", 23); /* it takes thousands, and some milliseconds */
	EVP_PKEY_free(pkey);
	moment_end(&moment);
}

static void seals_and_passwords(void **state)
{
	static const struct step steps[] = {
		{ make_seal_keys, -ENOMEM },
		{ seal, -ENOMEM },
		{ unseal, -ENOMEM },
		{ unseal_forged, -ENOMEM },
		{ hash, -ENOMEM },
		{ check_password, -ENOMEM },
		{ check_wrong_password, -ENOMEM },
	};
	char text[COR_PASSWORD_HASH_BYTES];
	struct bench bench = { .hash = text };
	struct cor_seal_keys *keys;
	struct moment moment;
	long count = 0;

	(void)state;
	moment_begin(&moment, &service, NOW_S, 0);
	assert_int_equal(cor_seal_keys_create(moment.ctx, &secret, 1, &keys), 0);
	the_seal_keys = keys;
	assert_int_equal(
		cor_seal_encrypted(moment.ctx, keys, "p", COR_STR("value"), &bench.sealed), 0);
	assert_int_equal(cor_password_hash("password", &cheap, text), 0);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		count += fail_each(&bench, &steps[i], 1);
	print_message("# figure: seals and passwords: %ld allocations failed\n", count);
	cor_seal_keys_destroy(keys);
	moment_end(&moment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens),
		cmocka_unit_test(seals_and_passwords),
	};

	hook();
	return cmocka_run_group_tests_name("jwt/shortage", tests, NULL, NULL);
}
