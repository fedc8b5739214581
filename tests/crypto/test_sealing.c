/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include <coracle/base64.h>
#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/sealing.h>

#include "moment.h"

#define NOW_S 1800000000

typedef int seal_function(struct cor_ctx *ctx, const struct cor_seal_keys *keys,
	const char *purpose, struct cor_str value, struct cor_str *ret_text);
typedef int unseal_function(struct cor_ctx *ctx, const struct cor_seal_keys *keys,
	const char *purpose, int64_t max_age_s, struct cor_str text, struct cor_unsealed *ret);

static const struct way {
	seal_function *seal;
	unseal_function *unseal;
	size_t overhead; /* bytes */
} ways[] = {
	{ cor_seal_signed, cor_unseal_signed, 45 },
	{ cor_seal_encrypted, cor_unseal_encrypted, 41 },
};
#define WAYS (sizeof ways / sizeof *ways)

static const struct cor_str first = { "first secret of 32 bytes or more", 32 };
static const struct cor_str second = { "second secret, 33 bytes of length", 33 };

static struct cor_seal_keys *keys_of(struct cor_ctx *ctx, const struct cor_str *secrets, size_t len)
{
	struct cor_seal_keys *keys = NULL;

	assert_int_equal(cor_seal_keys_create(ctx, secrets, len, &keys), 0);
	return keys;
}

static void what_was_sealed_is_opened(void **state)
{
	static const size_t lengths[] = { 0, 1, 2, 3, 100, 4000, COR_SEAL_VALUE_BYTES };
	struct moment moment;
	struct cor_unsealed out;
	struct cor_str text;

	(void)state;
	moment_begin(&moment, NULL, NOW_S, 0);
	struct cor_seal_keys *keys = keys_of(moment.ctx, &first, 1);
	char *value = calloc(1, COR_SEAL_VALUE_BYTES + 1);
	for (size_t w = 0; w < WAYS; w++)
		for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
			struct cor_str in = { value, lengths[i] };
			moment.now_s = NOW_S;
			assert_int_equal(ways[w].seal(moment.ctx, keys, "a", in, &text), 0);
			assert_int_equal(
				text.len, cor_base64url_text_bytes(ways[w].overhead + in.len));
			moment.now_s = NOW_S + 7;
			assert_int_equal(ways[w].unseal(moment.ctx, keys, "a", 10, text, &out), 0);
			assert_true(cor_str_equal(in, out.value));
			assert_int_equal(out.age_s, 7);
			assert_true(out.is_newest);
		}
	struct cor_str large = { value, COR_SEAL_VALUE_BYTES + 1 };
	for (size_t w = 0; w < WAYS; w++)
		assert_int_equal(ways[w].seal(moment.ctx, keys, "a", large, &text), -COR_ETOOLARGE);
	free(value);
	cor_seal_keys_destroy(keys);
	moment_end(&moment);
}

/* Each bit of each character, each shorter text, and a longer one. */
static void nothing_else_is_opened(void **state)
{
	struct moment moment;
	struct cor_unsealed out = { .age_s = -1 };
	struct cor_str text;

	(void)state;
	moment_begin(&moment, NULL, NOW_S, 0);
	struct cor_seal_keys *keys = keys_of(moment.ctx, &first, 1);
	for (size_t w = 0; w < WAYS; w++) {
		assert_int_equal(ways[w].seal(moment.ctx, keys, "a", COR_STR("value"), &text), 0);
		char copy[200] = { 0 };
		memcpy(copy, text.data, text.len);
		for (size_t bit = 0; bit < 8 * text.len; bit++) {
			copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
			int rc = ways[w].unseal(moment.ctx, keys, "a", COR_FOREVER,
				(struct cor_str){ copy, text.len }, &out);
			assert_true(rc == -EBADMSG || rc == -ENOKEY || rc == -EKEYREJECTED);
			copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
		}
		for (size_t len = 0; len < text.len + 4; len++) {
			copy[text.len] = len > text.len ? 'A' : '\0';
			int rc = ways[w].unseal(moment.ctx, keys, "a", COR_FOREVER,
				(struct cor_str){ copy, len }, &out);
			assert_true(
				len == text.len ? rc == 0 : rc == -EBADMSG || rc == -EKEYREJECTED);
		}
	}
	cor_seal_keys_destroy(keys);
	moment_end(&moment);
}

static void a_seal_is_good_for_one_purpose(void **state)
{
	struct moment moment;
	struct cor_unsealed out = { .age_s = -1 };
	struct cor_str text;
	char longest[COR_SEAL_PURPOSE_BYTES + 2];

	(void)state;
	memset(longest, 'p', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	moment_begin(&moment, NULL, NOW_S, 0);
	struct cor_seal_keys *keys = keys_of(moment.ctx, &first, 1);
	for (size_t w = 0; w < WAYS; w++) {
		const struct way *other = &ways[1 - w];
		assert_int_equal(
			ways[w].seal(moment.ctx, keys, "cart", COR_STR("value"), &text), 0);
		assert_int_equal(
			ways[w].unseal(moment.ctx, keys, "car", 9, text, &out), -EKEYREJECTED);
		assert_int_equal(
			ways[w].unseal(moment.ctx, keys, "cart2", 9, text, &out), -EKEYREJECTED);
		assert_int_equal(other->unseal(moment.ctx, keys, "cart", 9, text, &out), -EBADMSG);
		assert_int_equal(ways[w].unseal(moment.ctx, keys, "", 9, text, &out), -EINVAL);
		assert_int_equal(ways[w].unseal(moment.ctx, keys, "cart", 0, text, &out), -EINVAL);
		assert_int_equal(
			ways[w].seal(moment.ctx, keys, "", COR_STR("value"), &text), -EINVAL);
		assert_int_equal(
			ways[w].seal(moment.ctx, keys, longest, COR_STR("v"), &text), -EINVAL);
		assert_int_equal(
			ways[w].seal(moment.ctx, keys, longest + 1, COR_STR("v"), &text), 0);
		assert_int_equal(ways[w].unseal(moment.ctx, keys, longest + 1, 9, text, &out), 0);
	}
	cor_seal_keys_destroy(keys);
	moment_end(&moment);
}

static void a_seal_has_its_time(void **state)
{
	static const struct {
		int64_t later_s, max_age_s;
		int rc;
	} cases[] = {
		{ 0, 1, 0 },
		{ 1, 1, 0 },
		{ 2, 1, -EKEYEXPIRED },
		{ -COR_SEAL_SKEW_S, 1, 0 },
		{ -COR_SEAL_SKEW_S - 1, 1, -EKEYEXPIRED },
		{ 3600, 3600, 0 },
		{ 3601, 3600, -EKEYEXPIRED },
		{ 1000000000, COR_FOREVER, 0 },
	};
	struct moment moment;
	struct cor_unsealed out;
	struct cor_str text;

	(void)state;
	moment_begin(&moment, NULL, NOW_S, 0);
	struct cor_seal_keys *keys = keys_of(moment.ctx, &first, 1);
	for (size_t w = 0; w < WAYS; w++)
		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
			moment.now_s = NOW_S;
			assert_int_equal(
				ways[w].seal(moment.ctx, keys, "a", COR_STR(""), &text), 0);
			moment.now_s = NOW_S + cases[i].later_s;
			assert_int_equal(ways[w].unseal(moment.ctx, keys, "a", cases[i].max_age_s,
						 text, &out),
				cases[i].rc);
		}
	cor_seal_keys_destroy(keys);
	moment_end(&moment);
}

static void keys_rotate(void **state)
{
	struct cor_str both[] = { second, first };
	struct moment moment;
	struct cor_unsealed out;
	struct cor_str text;

	(void)state;
	moment_begin(&moment, NULL, NOW_S, 0);
	struct cor_seal_keys *old = keys_of(moment.ctx, &first, 1);
	struct cor_seal_keys *rotated = keys_of(moment.ctx, both, 2);
	struct cor_seal_keys *newest = keys_of(moment.ctx, &second, 1);
	for (size_t w = 0; w < WAYS; w++) {
		unseal_function *unseal = ways[w].unseal;
		assert_int_equal(ways[w].seal(moment.ctx, old, "a", COR_STR("v"), &text), 0);
		assert_int_equal(unseal(moment.ctx, rotated, "a", 9, text, &out), 0);
		assert_false(out.is_newest);
		assert_int_equal(unseal(moment.ctx, newest, "a", 9, text, &out), -ENOKEY);
		assert_int_equal(ways[w].seal(moment.ctx, rotated, "a", COR_STR("v"), &text), 0);
		assert_int_equal(unseal(moment.ctx, newest, "a", 9, text, &out), 0);
		assert_true(out.is_newest);
		assert_int_equal(unseal(moment.ctx, old, "a", 9, text, &out), -ENOKEY);
	}
	cor_seal_keys_destroy(old);
	cor_seal_keys_destroy(rotated);
	cor_seal_keys_destroy(newest);
	cor_seal_keys_destroy(NULL);
	moment_end(&moment);
}

static void refused(struct cor_ctx *ctx, int rc, const char *words)
{
	assert_int_equal(rc, -COR_EPROBLEM);
	if (!strstr(cor_problem_of(ctx)->detail, words))
		fail_msg("\"%s\" is not in: %s", words, cor_problem_of(ctx)->detail);
}

static void secrets_are_checked(void **state)
{
	struct cor_str same[] = { first, second, first };
	struct cor_str many[COR_SEAL_KEYS_MAX + 1] = { first };
	struct cor_str brief[] = { first, { first.data, 31 } };
	struct cor_seal_keys *keys;
	struct moment moment;

	(void)state;
	moment_begin(&moment, NULL, NOW_S, 0);
	struct cor_ctx *ctx = moment.ctx;
	refused(ctx, cor_seal_keys_create(ctx, NULL, 0, &keys), "openssl rand");
	refused(ctx, cor_seal_keys_create(ctx, many, 17, &keys), "17 secrets to seal with, 16 at");
	refused(ctx, cor_seal_keys_create(ctx, brief, 2, &keys),
		"secret 2 to seal with is too short, 31 of 32 bytes");
	refused(ctx, cor_seal_keys_create(ctx, same, 3, &keys), "secret 3 to seal with is there");
	moment_end(&moment);
}

static void write_file(const char *path, struct cor_str text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text.data, 1, text.len, file), text.len);
	assert_int_equal(fclose(file), 0);
}

static void secrets_come_from_a_file(void **state)
{
	char folder[] = "/tmp/coracle-sealing-XXXXXX", path[64];
	struct cor_seal_keys *keys, *same;
	struct cor_unsealed out;
	struct cor_str text, both[] = { second, first };
	struct moment moment;

	(void)state;
	moment_begin(&moment, NULL, NOW_S, 0);
	struct cor_ctx *ctx = moment.ctx;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/keys", folder);
	refused(ctx, cor_seal_keys_read(ctx, path, &keys), "No such file");
	refused(ctx, cor_seal_keys_read(ctx, folder, &keys), "directory");
	write_file(path, COR_STR("\n\r\n"));
	refused(ctx, cor_seal_keys_read(ctx, path, &keys), path);
	write_file(path, COR_STR("second secret, 33 bytes of length\r\n\nshort"));
	refused(ctx, cor_seal_keys_read(ctx, path, &keys),
		"secret 2 to seal with is too short, 5 of");
	write_file(path,
		COR_STR("second secret, 33 bytes of length\r\n\nfirst secret of 32 bytes or more"));
	assert_int_equal(cor_seal_keys_read(ctx, path, &keys), 0);
	same = keys_of(ctx, both, 2);
	assert_int_equal(cor_seal_signed(ctx, keys, "a", COR_STR("v"), &text), 0);
	assert_int_equal(cor_unseal_signed(ctx, same, "a", 9, text, &out), 0);
	assert_true(out.is_newest);
	cor_seal_keys_destroy(keys);
	cor_seal_keys_destroy(same);
	FILE *file = fopen(path, "w");
	assert_int_equal(ftruncate(fileno(file), 1024 * 1024 + 1), 0);
	fclose(file);
	refused(ctx, cor_seal_keys_read(ctx, path, &keys), "longer than a megabyte");
	unlink(path);
	rmdir(folder);
	moment_end(&moment);
}

static void errors_have_words(void **state)
{
	static const int codes[] = { -EBADMSG, -ENOKEY, -EKEYREJECTED, -EKEYEXPIRED, -ENOMEM };

	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(
				cor_unseal_strerror(codes[i]), cor_unseal_strerror(codes[k]));
}

/* --- one set of keys, many threads --- */

static void *seal_often(void *arg)
{
	const struct cor_seal_keys *keys = arg;
	struct moment moment;
	struct cor_unsealed out;
	struct cor_str text;
	size_t failures = 0;

	moment_begin(&moment, NULL, NOW_S, 0);
	for (int i = 0; i < 300; i++) {
		const struct way *way = &ways[i % 2];
		failures += way->seal(moment.ctx, keys, "a", COR_STR("value"), &text) != 0 ||
			    way->unseal(moment.ctx, keys, "a", 9, text, &out) != 0 ||
			    !cor_str_equal(out.value, COR_STR("value"));
	}
	moment_end(&moment);
	return failures == 0 ? arg : NULL;
}

static void threads_share_keys(void **state)
{
	pthread_t threads[4];
	struct moment moment;

	(void)state;
	moment_begin(&moment, NULL, NOW_S, 0);
	struct cor_seal_keys *keys = keys_of(moment.ctx, &first, 1);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, seal_often, keys), 0);
	for (size_t i = 0; i < 4; i++) {
		void *result;
		pthread_join(threads[i], &result);
		assert_non_null(result);
	}
	cor_seal_keys_destroy(keys);
	moment_end(&moment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sealed_is_opened),
		cmocka_unit_test(nothing_else_is_opened),
		cmocka_unit_test(a_seal_is_good_for_one_purpose),
		cmocka_unit_test(a_seal_has_its_time),
		cmocka_unit_test(keys_rotate),
		cmocka_unit_test(secrets_are_checked),
		cmocka_unit_test(secrets_come_from_a_file),
		cmocka_unit_test(errors_have_words),
		cmocka_unit_test(threads_share_keys),
	};

	return cmocka_run_group_tests_name("crypto/sealing", tests, NULL, NULL);
}
