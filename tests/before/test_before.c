/* SPDX-License-Identifier: MIT */
/* Requests that go before, as bytes, and which answers are good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <coracle/error.h>

#include "before/pass.h"

struct stage {
	struct cor_before before;
	struct cor_before_pass pass;
};

static void begin(struct stage *stage, const char *text)
{
	int rc = cor_before_read(&stage->before, "before.http", cor_str(text));

	if (rc != 0)
		fail_msg("%s", stage->before.fault);
	cor_before_begin(&stage->pass, &stage->before);
}

static void end(struct stage *stage)
{
	cor_before_pass_finish(&stage->pass);
	cor_before_finish(&stage->before);
}

/* --- bodies --- */

static void expect_body(const char *text, const char *wanted)
{
	struct stage stage;
	struct cor_before_sent sent;
	const struct cor_before_came came = { .status = 200, .body = COR_STR("{\"a\":\"1\\n2\"}") };

	begin(&stage, text);
	for (size_t i = 0; i < stage.before.len; i++) {
		assert_int_equal(cor_before_make(&stage.pass, i, &sent), 0);
		assert_int_equal(cor_before_took(&stage.pass, i, &came), 0);
	}
	assert_int_equal(sent.body.len, strlen(wanted));
	assert_memory_equal(sent.body.data, wanted, sent.body.len);
	end(&stage);
}

/* RFC 2046 section 5.1.1 */
static void multipart_has_crlf(void **state)
{
	static const char body[] =
		"\n--x\nContent-Disposition: form-data; name=\"a\"\n\none\ntwo\n--x--\n\n";
	static const char wanted[] =
		"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\ntwo\r\n--x--";
	static const char *const heads[] = {
		"POST /a\nContent-Type: multipart/form-data; boundary=x\n",
		"POST /a\nX-One: 1\ncontent-TYPE:Multipart/Form-Data;boundary=x\nX-Two: 2\n",
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		snprintf(text, sizeof text, "%s%s", heads[i], body);
		expect_body(text, wanted);
	}
	expect_body(
		"POST /a\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n--x--\r\n",
		"--x\r\n--x--");
}

/* What an answer had goes into it as it is. */
static void values_stay_as_they_are(void **state)
{
	(void)state;
	expect_body("# @name first\nGET /\n\n###\nPOST /\nContent-Type: multipart/mixed; "
		    "boundary=x\n\n--x\n\n{{first.response.body.$.a}}\n--x--\n",
		"--x\r\n\r\n1\n2\r\n--x--");
}

static void others_are_as_they_are(void **state)
{
	static const char *const heads[] = { "", "Content-Type: text/plain\n", "Content-Type:\n",
		"X-Content-Type: multipart/form-data\n" };
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		snprintf(text, sizeof text,
			"POST /\nContent-Type: multipart/form-data\n\na\n###\nPOST /a\n%s\none\r\ntwo\n",
			heads[i]);
		expect_body(text, "one\ntwo");
	}
}

/* --- files --- */

static const char folder[] = "test-before-files";

static void write_files(const char *name, const char *bytes, size_t len)
{
	char path[128];

	(void)mkdir(folder, 0700);
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
}

static void a_file_is_sent_as_it_is(void **state)
{
	static const char text[] =
		"# @name first\nGET /\n\n###\n\nPOST /whole\n\n< ./photo.jpg\n\n###\n"
		"POST /parts\nContent-Type: multipart/form-data; boundary=x\n\n--x\n"
		"Content-Disposition: form-data; name=\"a\"\n\n{{first.response.body.$.a}}\n--x\n"
		"Content-Type: image/jpeg\n\n<  photo.jpg \n--x--\n";
	static const char photo[] = "\xFF\xD8\0{{x}}\n";
	static const char parts[] =
		"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n"
		"--x\r\nContent-Type: image/jpeg\r\n\r\n\xFF\xD8\0{{x}}\n\r\n--x--";
	static const struct cor_str wanted[] = { { "", 0 }, { photo, sizeof photo - 1 },
		{ parts, sizeof parts - 1 } };
	const struct cor_before_came came = { .status = 200, .body = COR_STR("{\"a\":\"b\"}") };
	struct stage stage;
	struct cor_before_sent sent;

	(void)state;
	write_files("photo.jpg", photo, sizeof photo - 1);
	write_files("before.http", text, sizeof text - 1);
	int rc = cor_before_load(&stage.before, "test-before-files/before.http");
	assert_string_equal(stage.before.fault ? stage.before.fault : "", "");
	assert_int_equal(rc, 0);
	cor_before_begin(&stage.pass, &stage.before);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(cor_before_make(&stage.pass, i, &sent), 0);
		assert_int_equal(sent.body.len, wanted[i].len);
		assert_memory_equal(sent.body.data, wanted[i].data, sent.body.len);
		assert_int_equal(cor_before_took(&stage.pass, i, &came), 0);
	}
	end(&stage);
}

static void a_file_that_cannot_be_sent_is_told(void **state)
{
	static const struct {
		const char *line, *fault;
	} cases[] = {
		{ "< ./none",
			"f/b:3: f/./none: No such file or directory: a path is relative to this file" },
		{ "< /", "f/b:3: /: Is a directory: a path is relative to this file" },
		{ "< /dev/zero",
			"f/b:3: /dev/zero: Invalid argument: a path is relative to this file" },
		{ "<@ ./a",
			"f/b:3: scripts are not run, and files not filled in: write the body itself, "
			"or < ./FILE for one that is sent as it is" },
		{ "< {% 1 %}",
			"f/b:3: scripts are not run, and files not filled in: write the body "
			"itself, or < ./FILE for one that is sent as it is" },
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cor_before before;
		snprintf(text, sizeof text, "POST /\n\n%s\n", cases[i].line);
		assert_int_equal(cor_before_read(&before, "f/b", cor_str(text)), -COR_EINVALID);
		assert_string_equal(before.fault, cases[i].fault);
		cor_before_finish(&before);
	}
}

static void files_have_a_limit(void **state)
{
	struct cor_before before;
	static char large[COR_BEFORE_FILES_BYTES / 2 + 1];

	(void)state;
	write_files("large", large, sizeof large);
	assert_int_equal(cor_before_read(&before, "test-before-files/b",
				 COR_STR("POST /\n\n< large\n###\nPOST /\n\n< large\n")),
		-COR_EINVALID);
	assert_string_equal(before.fault,
		"test-before-files/b:7: test-before-files/large: the files have more than 16777216 bytes");
	cor_before_finish(&before);
	assert_int_equal(unlink("test-before-files/large"), 0);
}

/* --- answers --- */

static const char *fault_of(const char *line, int status, const char *location, char *ret)
{
	const struct cor_before_field fields[] = { { location ? "Location" : NULL, location },
		{ NULL, NULL } };
	const struct cor_before_came came = { .status = status, .fields = fields };
	struct stage stage;
	struct cor_before_sent sent;
	char text[128];

	snprintf(text, sizeof text, "%s\nPOST /login\n\nname=a", line);
	begin(&stage, text);
	assert_int_equal(cor_before_make(&stage.pass, 0, &sent), 0);
	int rc = cor_before_took(&stage.pass, 0, &came);
	assert_int_equal(rc, stage.before.fault ? -COR_EINVALID : 0);
	snprintf(ret, 256, "%s", stage.before.fault ? stage.before.fault : "");
	end(&stage);
	return ret;
}

static void a_redirect_leads_where_the_file_says(void **state)
{
	static const struct {
		const char *line;
		int status;
		const char *location, *fault;
	} cases[] = {
		{ "", 200, NULL, "" },
		{ "", 303, "/login?failed",
			"before.http:2: POST /login is redirected (303) to /login?failed: if that is what a "
			"success is, say \"# @redirects-to /login?failed\" before it" },
		{ "", 302, "http://a.example/home",
			"before.http:2: POST /login is redirected (302) to http://a.example/home: if that is "
			"what a success is, say \"# @redirects-to /home\" before it" },
		{ "# @redirects-to /home", 303, "/home", "" },
		{ "# @redirects-to /home", 302, "https://a.example:8443/home", "" },
		{ "# @redirects-to /books/*", 303, "/books/17", "" },
		{ "# @redirects-to /home", 303, "/login",
			"before.http:2: POST /login is redirected (303) to /login, and not to /home" },
		{ "# @redirects-to /home", 303, "/home?no",
			"before.http:2: POST /login is redirected (303) "
			"to /home?no, and not to /home" },
		{ "# @redirects-to /home", 303, NULL,
			"before.http:2: POST /login is redirected (303) to nowhere, and not to /home" },
		{ "# @redirects-to /home", 200, NULL,
			"before.http:2: POST /login is answered with 200, and not redirected to /home" },
		{ "# @redirects-to /home", 401, NULL,
			"before.http:2: POST /login is answered with 401: " },
	};
	char fault[256];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(
			fault_of(cases[i].line, cases[i].status, cases[i].location, fault),
			cases[i].fault);
}

static void a_redirect_goes_to_a_path(void **state)
{
	struct cor_before before;

	(void)state;
	assert_int_equal(
		cor_before_read(&before, "b", COR_STR("# @redirects-to\nGET /\n")), -COR_EINVALID);
	assert_string_equal(before.fault, "b:1: must be # @redirects-to /PATH");
	cor_before_finish(&before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(multipart_has_crlf),
		cmocka_unit_test(values_stay_as_they_are),
		cmocka_unit_test(others_are_as_they_are),
		cmocka_unit_test(a_file_is_sent_as_it_is),
		cmocka_unit_test(a_file_that_cannot_be_sent_is_told),
		cmocka_unit_test(files_have_a_limit),
		cmocka_unit_test(a_redirect_leads_where_the_file_says),
		cmocka_unit_test(a_redirect_goes_to_a_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
