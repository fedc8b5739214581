/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <coracle/error.h>
#include <coracle/password.h>

static const struct cor_password_cost cheap = { .log_n = 10, .r = 8, .p = 1 };

static void there_and_back(void **state)
{
	static const char *const passwords[] = { "a", "correct horse battery staple",
		"\xc3\xa9t\xc3\xa9", " with blanks ", "\x01\xff" };
	char hash[COR_PASSWORD_HASH_BYTES], again[COR_PASSWORD_HASH_BYTES];
	bool is_due = true;

	(void)state;
	for (size_t i = 0; i < sizeof passwords / sizeof *passwords; i++) {
		assert_int_equal(cor_password_hash(passwords[i], &cheap, hash), 0);
		assert_int_equal(cor_password_hash(passwords[i], &cheap, again), 0);
		assert_string_not_equal(hash, again);
		assert_int_equal(strncmp(hash, "$scrypt$ln=10,r=8,p=1$", 22), 0);
		assert_int_equal(strlen(hash), 22 + 22 + 1 + 43);
		assert_int_equal(cor_password_verify(passwords[i], hash, &cheap, &is_due), 0);
		assert_false(is_due);
		assert_int_equal(cor_password_verify("b", hash, &cheap, NULL), -EACCES);
		assert_int_equal(cor_password_verify("", hash, &cheap, NULL), -EACCES);
	}
}

/* RFC 7914 section 12, and an example of passlib's manual. */
static void of_others(void **state)
{
	static const char *const cases[][2] = {
		{ "pleaseletmein",
			"$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf04"
			"6/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw" },
		{ "password",
			"$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI"
			"urzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA" },
		{ "password", "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDl"
			      "m4CbdRSCdEBsjjJxD+iCs5E" },
	};
	bool is_due;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		is_due = false;
		assert_int_equal(cor_password_verify(cases[i][0], cases[i][1], NULL, &is_due), 0);
		assert_true(is_due);
		assert_int_equal(cor_password_verify("other", cases[i][1], NULL, NULL), -EACCES);
	}
}

static void the_usual_cost(void **state)
{
	static const struct cor_password_cost zeroed, more = { 14, 8, 6 };
	char hash[COR_PASSWORD_HASH_BYTES];
	bool is_due = true;

	(void)state;
	assert_int_equal(cor_password_hash("password", NULL, hash), 0);
	assert_int_equal(strncmp(hash, "$scrypt$ln=14,r=8,p=5$", 22), 0);
	assert_int_equal(cor_password_verify("password", hash, &zeroed, &is_due), 0);
	assert_false(is_due);
	assert_int_equal(cor_password_verify("password", hash, &more, &is_due), 0);
	assert_true(is_due);
}

#define SALT "$aM15713r3Xsvxbi31lqr1Q"
#define HASH "$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E"

/* What asks for gigabytes, or for hours, is refused before it gets anything. */
static void hostile_strings(void **state)
{
	static const char *const cases[] = {
		"",
		"password",
		"$",
		"$scrypt$",
		"$scrypt$ln=14,r=8,p=5",
		"$scrypt$ln=14,r=8,p=5" SALT,
		"$scrypt$ln=14,r=8,p=5" SALT "$",
		"$scrypt$ln=14,r=8,p=5$" HASH,
		"$scrypt$ln=14,r=8,p=5" SALT HASH "$",
		"$scrypt$ln=14,r=8,p=5" SALT HASH "\n",
		"$scrypt$ln=14,r=8,p=5" SALT HASH "=",
		"$scrypt$ln=14,r=8,p=5" SALT "$AAAA", /* three bytes, which many passwords have */
		"$scrypt$ln=14,r=8,p=5" SALT "$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD-iCs5E",
		"$scrypt$ln=14,p=5,r=8" SALT HASH,
		"$scrypt$ln=,r=8,p=5" SALT HASH,
		"$scrypt$ln=-1,r=8,p=5" SALT HASH,
		"$scrypt$ln=0,r=8,p=5" SALT HASH,
		"$scrypt$ln=9,r=8,p=5" SALT HASH,
		"$scrypt$ln=18,r=8,p=1" SALT HASH,  /* 256 MiB */
		"$scrypt$ln=20,r=32,p=1" SALT HASH, /* 4 GiB */
		"$scrypt$ln=31,r=8,p=1" SALT HASH,
		"$scrypt$ln=63,r=8,p=1" SALT HASH,
		"$scrypt$ln=64,r=8,p=1" SALT HASH,
		"$scrypt$ln=4294967306,r=8,p=1" SALT HASH,
		"$scrypt$ln=14,r=0,p=1" SALT HASH,
		"$scrypt$ln=14,r=33,p=1" SALT HASH,
		"$scrypt$ln=14,r=4294967304,p=1" SALT HASH,
		"$scrypt$ln=14,r=8,p=0" SALT HASH,
		"$scrypt$ln=14,r=8,p=17" SALT HASH,
		"$scrypt$ln=17,r=8,p=16" SALT HASH, /* minutes */
		"$argon2id$v=19$m=65536,t=3,p=4" SALT HASH,
	};

	(void)state;
	clock_t began = clock();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (cor_password_verify("password", cases[i], NULL, NULL) != -EBADMSG)
			fail_msg("%s", cases[i]);
	assert_true(clock() - began < CLOCKS_PER_SEC); /* of the CPU, for all of them */
}

/* Each length of salt and hash, up to what a table of others may have. */
static void parts_of_each_length(void **state)
{
	char text[300];

	(void)state;
	for (size_t len = 1; len < 120; len++) {
		char part[121] = { 0 };
		memset(part, 'A', len);
		snprintf(text, sizeof text, "$scrypt$ln=10,r=8,p=1$%s%s", part, HASH);
		int rc = cor_password_verify("password", text, NULL, NULL);
		assert_int_equal(rc, len % 4 == 1 || len > 86 ? -EBADMSG : -EACCES);
		snprintf(text, sizeof text, "$scrypt$ln=10,r=8,p=1%s$%s", SALT, part);
		rc = cor_password_verify("password", text, NULL, NULL);
		assert_int_equal(rc, len % 4 == 1 || len < 22 || len > 86 ? -EBADMSG : -EACCES);
	}
}

static void what_is_refused(void **state)
{
	static const struct cor_password_cost costs[] = { { 9, 8, 1 }, { 21, 1, 1 }, { 14, 0, 1 },
		{ 14, 8, 0 }, { 18, 8, 1 }, { 14, 8, 17 }, { 0, 8, 1 } };
	char hash[COR_PASSWORD_HASH_BYTES], longest[COR_PASSWORD_BYTES + 2];

	(void)state;
	for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
		assert_int_equal(cor_password_hash("a", &costs[i], hash), -EINVAL);
		assert_int_equal(cor_password_verify("a", NULL, &costs[i], NULL), -EINVAL);
	}
	assert_int_equal(cor_password_hash("", &cheap, hash), -EINVAL);
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(cor_password_hash(longest, &cheap, hash), -COR_ETOOLARGE);
	assert_int_equal(cor_password_hash(longest + 1, &cheap, hash), 0);
	assert_int_equal(cor_password_verify(longest + 1, hash, &cheap, NULL), 0);
	assert_int_equal(cor_password_verify(longest, hash, &cheap, NULL), -EACCES);
}

/* Whether somebody is there does not show in the time: both compute. */
static void nobody_takes_as_long(void **state)
{
	static const struct cor_password_cost cost = { 13, 8, 1 };
	char hash[COR_PASSWORD_HASH_BYTES];

	(void)state;
	assert_int_equal(cor_password_hash("right", &cost, hash), 0);
	clock_t began = clock();
	assert_int_equal(cor_password_verify("wrong", hash, &cost, NULL), -EACCES);
	clock_t somebody = clock() - began;
	began = clock();
	assert_int_equal(cor_password_verify("wrong", NULL, &cost, NULL), -EACCES);
	clock_t nobody = clock() - began;
	assert_true(nobody > somebody / 4 && somebody > nobody / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(of_others),
		cmocka_unit_test(the_usual_cost),
		cmocka_unit_test(hostile_strings),
		cmocka_unit_test(parts_of_each_length),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(nobody_takes_as_long),
	};

	return cmocka_run_group_tests_name("crypto/password", tests, NULL, NULL);
}
