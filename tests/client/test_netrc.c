/* SPDX-License-Identifier: MIT */
/* Logins in a file: its format, who may read it, and what calls make of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <coracle/credentials.h>
#include <coracle/error.h>

#include "client/netrc.h"
#include "stage.h"

/* --- the format --- */

static const struct {
	const char *text;
	const char *found; /* user:password of "prices"; NULL: it has none */
	uint32_t line;     /* where it is none; 0: it is one */
} texts[] = {
	{ "machine prices login a password b", "a:b", 0 },
	{ "machine\tprices\r\n\tlogin a\r\n\tpassword b\r\n", "a:b", 0 },
	{ "machine PRICES user a password b", "a:b", 0 },
	{ "machine other login x password y\nmachine prices password b login a", "a:b", 0 },
	{ "machine prices login a password b\nmachine prices login x password y", "a:b", 0 },
	{ "machine prices login a password b default login x password y", "a:b", 0 },
	{ "machine other login x password y default login a password b", "a:b", 0 },
	{ "default login a password b machine prices login x password y", "a:b", 0 },
	{ "machine other login x password y", NULL, 0 },
	{ "machine prices.example login x password y", NULL, 0 },
	{ "", NULL, 0 },
	{ "# machine prices login x password y\n# end", NULL, 0 },
	{ "machine prices # it\nlogin a # who\npassword #b", "a:#b", 0 },
	{ "machine prices login a account z password b", "a:b", 0 },
	{ "machine prices login \"a b\" password \"c\\\"\\\\d\"", "a b:c\"\\d", 0 },
	{ "machine prices login a\\ b password \\\"", "a b:\"", 0 },
	{ "machine prices login a password \"\"", "a:", 0 },
	{ "macdef init\nmachine prices login x\n\nmachine prices login a password b", "a:b", 0 },
	{ "machine other macdef m\nlogin \"\n\nmachine prices login a password b", "a:b", 0 },
	{ "macdef init\nmachine prices login x password y", NULL, 0 },
	{ "machine", NULL, 1 },
	{ "machine prices login", NULL, 1 },
	{ "login a password b", NULL, 1 },
	{ "machine prices\nlogin a\nsecret b", NULL, 3 },
	{ "machine prices login a\npassword \"b", NULL, 2 },
};

static void test_format(void **state)
{
	struct stage *stage = *state;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct cor_netrc_login login;
		uint32_t line = 0;
		char found[40];
		print_message("# %s\n", texts[i].line    ? "refused"
					: texts[i].found ? texts[i].found
							 : "none");
		int rc = cor_netrc_find(cor_ctx_arena(stage->ctx), cor_str(texts[i].text),
			COR_STR("prices"), &login, &line);
		assert_int_equal(rc, texts[i].line ? -COR_ESYNTAX : texts[i].found != NULL);
		assert_int_equal(line, texts[i].line);
		if (rc <= 0)
			continue;
		snprintf(found, sizeof found, "%s:%s", login.user, login.password);
		assert_string_equal(found, texts[i].found);
	}
}

/* --- the file, in calls --- */

static char path[] = "/tmp/coracle-netrc-XXXXXX";

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0)
		return -1;
	return close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_file(const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static const char *sent(struct stage *stage, const char *file)
{
	size_t len = cor_script_len(stage->script);
	int rc = cor_http_get(stage->ctx, &safe, COR_NONE, NULL, COR_PATH("/"),
		.credentials = COR_CREDENTIALS(.netrc = file));

	if (rc < 0) {
		assert_int_equal(rc, -EINVAL);
		assert_int_equal(stage_failure(stage), COR_FAILED_CREDENTIALS);
		assert_int_equal(cor_script_len(stage->script), len);
		return cor_http_failure(stage->ctx)->text;
	}
	const char *value = cor_script_header(stage_call(stage, len), "Authorization");
	return value ? value : "";
}

static void test_calls(void **state)
{
	static const mode_t open_modes[] = { 0601, 0604, 0620, 0640 };
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .times = COR_SCRIPT_ALWAYS });
	write_file("machine safe login shop password \"open sesame\"", 0600);
	assert_string_equal(sent(stage, path), "Basic c2hvcDpvcGVuIHNlc2FtZQ==");
	write_file("machine other login shop password x", 0600);
	assert_string_equal(sent(stage, path), "");
	write_file("machine safe login shop password x", 0400);
	assert_string_equal(sent(stage, path), "Basic c2hvcDp4");
	for (size_t i = 0; i < sizeof open_modes / sizeof open_modes[0]; i++) {
		write_file("machine safe login shop password hidden", open_modes[i]);
		assert_non_null(strstr(sent(stage, path), "is open to other users: chmod 600 it"));
		assert_int_equal(chmod(path, 0600), 0);
	}
	write_file("machine safe login shop", 0600);
	assert_non_null(strstr(sent(stage, path), "has no login or no password for safe"));
	write_file("machine safe\nhidden", 0600);
	assert_non_null(strstr(sent(stage, path), "is none in line 2"));
	assert_null(strstr(cor_http_failure(stage->ctx)->text, "hidden"));
	assert_non_null(
		strstr(sent(stage, "/nowhere/netrc"), "\"/nowhere/netrc\", which is not there"));
	assert_non_null(strstr(sent(stage, "/tmp"), "is no file"));
}

static void test_home(void **state)
{
	struct stage *stage = *state;
	char file[sizeof path + 2];

	stage_line(stage, &(struct cor_scripted){ .times = COR_SCRIPT_ALWAYS });
	write_file("default login shop password x", 0600);
	assert_int_equal(setenv("HOME", "/tmp", 1), 0);
	snprintf(file, sizeof file, "~%s", path + strlen("/tmp"));
	assert_string_equal(sent(stage, file), "Basic c2hvcDp4");
	assert_int_equal(cor_http_get(stage->ctx, &safe, COR_NONE, NULL, COR_PATH("/"),
				 .credentials = COR_CREDENTIALS(.netrc = "netrc")),
		-EINVAL);
	assert_int_equal(stage_failure(stage), COR_FAILED_CALL);
}

static void test_a_file_that_is_too_long(void **state)
{
	struct stage *stage = *state;
	char *text = calloc(1, COR_NETRC_BYTES + 2);

	assert_non_null(text);
	memset(text, '\n', COR_NETRC_BYTES + 1);
	write_file(text, 0600);
	free(text);
	assert_non_null(strstr(sent(stage, path), "is longer than 64 KiB"));
}

/* Another host gets nothing, though the file has a login for it. */
static void test_it_stays_with_its_origin(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .status = 302,
				  .headers = COR_HTTP_FIELDS({ "Location", "http://other/" }) });
	stage_line(stage, &(struct cor_scripted){ 0 });
	write_file("default login shop password x", 0600);
	assert_string_equal(sent(stage, path), "Basic c2hvcDp4");
	assert_null(cor_script_header(stage_call(stage, 1), "Authorization"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_format),
		TEST(test_calls),
		TEST(test_home),
		TEST(test_a_file_that_is_too_long),
		TEST(test_it_stays_with_its_origin),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
