/* SPDX-License-Identifier: MIT */
/* Forms, each with the parts that it becomes or the fault that refuses it, cut at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/error.h>

#include "multipart/parser.h"

#define HEAD_BYTES 512
#define OUT_BYTES  8192

static const struct cor_multipart_limits limits = { .parts = 4, .head_bytes = HEAD_BYTES };

/* What was made of a form: "name/file/type=data;" for each part, and "." at its end. */
struct told {
	char text[OUT_BYTES];
	size_t len;
	int rc;
};

static void tell(struct told *told, const char *text, size_t len)
{
	assert_true(told->len + len < sizeof told->text);
	memcpy(told->text + told->len, text, len);
	told->len += len;
	told->text[told->len] = '\0';
}

static void tell_text(struct told *told, const char *text)
{
	tell(told, text ? text : "-", strlen(text ? text : "-"));
}

static void tell_part(struct told *told, const struct cor_part_head *head)
{
	tell_text(told, head->name);
	tell_text(told, "/");
	tell_text(told, head->file_name);
	tell_text(told, "/");
	tell_text(told, head->type);
	tell_text(told, head->is_utf8 ? "=" : "?=");
}

static void tell_event(
	struct told *told, const struct cor_multipart *multipart, int event, struct cor_str data)
{
	switch (event) {
	case COR_MULTIPART_PART:
		tell_part(told, &multipart->head);
		break;
	case COR_MULTIPART_DATA:
		assert_true(data.len > 0);
		tell(told, data.data, data.len);
		break;
	case COR_MULTIPART_PART_END:
		tell_text(told, ";");
		break;
	default:
		assert_int_equal(event, COR_MULTIPART_END);
		tell_text(told, ".");
	}
}

/* From a copy of exactly that size, so that the sanitizers see a read past it. */
static int feed(struct cor_multipart *multipart, const char *bytes, size_t len, struct told *told)
{
	char *copy = malloc(len ? len : 1);
	struct cor_str input = { copy, len }, data = { NULL, 0 };
	int event;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	while ((event = cor_multipart_next(multipart, &input, &data)) > 0)
		tell_event(told, multipart, event, data);
	assert_true(event < 0 || input.len == 0);
	free(copy);
	return event;
}

/* The form in pieces that end at these places. */
static void read_form(const char *boundary, struct cor_str form, const size_t *cuts,
	size_t cuts_len, struct told *told)
{
	struct cor_multipart multipart;
	char *lines = malloc(HEAD_BYTES);
	size_t at = 0;

	assert_non_null(lines);
	told->len = 0;
	told->text[0] = '\0';
	told->rc = 0;
	cor_multipart_begin(&multipart, cor_str(boundary), lines, &limits);
	for (size_t i = 0; told->rc == 0 && i <= cuts_len; i++) {
		size_t end = i < cuts_len ? cuts[i] : form.len;
		told->rc = feed(&multipart, form.data + at, end - at, told);
		at = end;
	}
	if (told->rc == 0)
		told->rc = cor_multipart_end(&multipart);
	if (told->rc < 0) {
		tell_text(told, "!");
		tell_text(told, multipart.fault);
		assert_int_equal(cor_multipart_end(&multipart), told->rc);
	}
	free(lines);
}

struct form {
	const char *text;
	const char *told; /* with what it begins */
	int rc;
	size_t len; /* 0: as long as the text */
};

#define D       "--b\r\nContent-Disposition: form-data; "
#define N(name) D "name=\"" name "\"\r\n\r\n"
#define END     "\r\n--b--\r\n"

static const struct form forms[] = {
	/* parts */
	{ N("a") "1" END, "a/-/-=1;.", 0, 0 },
	{ N("a") "1\r\n" N("c") "2" END, "a/-/-=1;c/-/-=2;.", 0, 0 },
	{ N("a") END, "a/-/-=;.", 0, 0 },
	{ D "name=a\r\n\r\n1" END, "a/-/-=1;.", 0, 0 },
	{ D "name=a; filename=f.txt\r\nContent-Type: Text/Plain; charset=UTF-8\r\n\r\n1" END,
		"a/f.txt/text/plain=1;.", 0, 0 },
	{ D "name=\"a\";filename=\"f\"\r\n\r\n1" END, "a/f/-=1;.", 0, 0 },
	{ D " name=\"a\" ; filename=\"f\" ;\r\n\r\n1" END, "a/f/-=1;.", 0, 0 },
	{ "--b\r\ncontent-disposition:FORM-DATA;NAME=a\r\nX-Other: y\r\n\r\n1" END, "a/-/-=1;.", 0,
		0 },
	{ N("a") "1\r\n--b--", "a/-/-=1;.", 0, 0 },
	{ "--b--\r\n", ".", 0, 0 },
	{ "--b--", ".", 0, 0 },
	/* RFC 2046 section 5.1.1: what stands around the parts, and blanks behind a boundary */
	{ "\r\n" N("a") "1" END, "a/-/-=1;.", 0, 0 },
	{ "This is the preamble.\r\n" N("a") "1" END "the epilogue\r\n--b\r\n", "a/-/-=1;.", 0, 0 },
	{ "no line --b\r\n" N("a") "1" END, "a/-/-=1;.", 0, 0 },
	{ "--b \t \r\nContent-Disposition: form-data; name=a\r\n\r\n1" END, "a/-/-=1;.", 0, 0 },
	{ N("a") "1\r\n--b--  \r\n", "a/-/-=1;.", 0, 0 },
	{ D "name=a\r\n\r\n--b--", "a/-/-=;.", 0, 0 },
	/* data that looks like a boundary */
	{ N("a") "\r\n" END, "a/-/-=\r\n;.", 0, 0 },
	{ N("a") "\r\n\r\n" END, "a/-/-=\r\n\r\n;.", 0, 0 },
	{ N("a") "\r\r\n\r" END, "a/-/-=\r\r\n\r;.", 0, 0 },
	{ N("a") "\r\n-" END, "a/-/-=\r\n-;.", 0, 0 },
	{ N("a") "\r\n--" END, "a/-/-=\r\n--;.", 0, 0 },
	{ N("a") "\r\n--\r\n--" END, "a/-/-=\r\n--\r\n--;.", 0, 0 },
	{ N("a") "--b" END, "a/-/-=;!the form has no end", -COR_ESYNTAX, 0 },
	{ N("a") "x--b\r\n" END, "a/-/-=x--b\r\n;.", 0, 0 },
	{ N("a") "\r\n--bc\r\n" END, "a/-/-=\r\n--bc\r\n;.", 0, 0 },
	{ N("a") "--bc" END, "a/-/-=--bc;.", 0, 0 },
	{ N("a") "\r\n--b-c" END, "a/-/-=\r\n--b-c;.", 0, 0 },
	{ N("a") "\r\n--b-\r\n--b" END, "a/-/-=\r\n--b-;!", -COR_ESYNTAX, 0 },
	{ N("a") "\r\n--b\rx" END, "a/-/-=\r\n--b\rx;.", 0, 0 },
	{ N("a") "\r\n--b\r" END, "a/-/-=\r\n--b\r;.", 0, 0 },
	{ N("a") "\r\n--b\r\r" END, "a/-/-=\r\n--b\r\r;.", 0, 0 },
	{ N("a") "\n--b\n" END, "a/-/-=\n--b\n;.", 0, 0 },
	{ N("a") "\0\r\0\n\xff" END, "a/-/-=", 0, sizeof(N("a") "\0\r\0\n\xff" END) - 1 },
	/* names as browsers, curl and libraries write them */
	{ D "name=\"a%22b%0D%0Ac\"\r\n\r\n" END, "a\"b\r\nc/-/-=;.", 0, 0 },
	{ D "name=\"a\\\"b\\\\c\"\r\n\r\n" END, "a\"b\\c/-/-=;.", 0, 0 },
	{ D "name=\"a\\b%41\"\r\n\r\n" END, "a\\b%41/-/-=;.", 0, 0 },
	{ D "name=\"\xc3\xbc\"; filename=\"\xe2\x82\xac.txt\"\r\n\r\n" END,
		"\xc3\xbc/\xe2\x82\xac.txt/-=;.", 0, 0 },
	{ D "name=\"a\"; filename=\"f\\\"\r\n\r\n" END, "a//-=;.", 0, 0 },
	{ D "name=\"a;b=c\"\r\n\r\n" END, "a;b=c/-/-=;.", 0, 0 },
	{ D "name=\"a\"; x=\"y\"; filename=\"\"\r\n\r\n" END, "a//-=;.", 0, 0 },
	/* names of files are never paths */
	{ D "name=a; filename=\"../../etc/passwd\"\r\n\r\n" END, "a/passwd/-=;.", 0, 0 },
	{ D "name=a; filename=\"/etc/passwd\"\r\n\r\n" END, "a/passwd/-=;.", 0, 0 },
	{ D "name=a; filename=\"C:\\dir\\f.txt\"\r\n\r\n" END, "a/f.txt/-=;.", 0, 0 },
	{ D "name=a; filename=\"..\\\\..\\\\f\"\r\n\r\n" END, "a/f/-=;.", 0, 0 },
	{ D "name=a; filename=\"..\"\r\n\r\n" END, "a//-=;.", 0, 0 },
	{ D "name=a; filename=\"x/.\"\r\n\r\n" END, "a//-=;.", 0, 0 },
	{ D "name=a; filename=\"dir/\"\r\n\r\n" END, "a//-=;.", 0, 0 },
	{ D "name=a; filename=\"a%0Db\tc\"\r\n\r\n" END, "a/abc/-=;.", 0, 0 },
	{ D "name=a; filename=\"...\"\r\n\r\n" END, "a/.../-=;.", 0, 0 },
	{ D "name=a; filename*=utf-8''..%2Fx%5Cf%0d\r\n\r\n" END, "a/f/-=;.", 0, 0 },
	{ D "name=a; filename*=utf-8''%2e%2e\r\n\r\n" END, "a//-=;.", 0, 0 },
	/* .NET's MultipartFormDataContent */
	{ D "name=a; filename=f.txt; filename*=utf-8''f.txt\r\n\r\n" END, "a/f.txt/-=;.", 0, 0 },
	{ D "name=a; filename=\"=?utf-8?B?w7w=?=\"; filename*=utf-8''%C3%BC\r\n\r\n" END,
		"a/\xc3\xbc/-=;.", 0, 0 },
	{ D "name=a; filename*=UTF-8'en'f\r\n\r\n" END, "a/f/-=;.", 0, 0 },
	{ D "name=a; filename*=UTF-8''\r\n\r\n" END, "a//-=;.", 0, 0 },
	/* what parts must not say */
	{ D "name*=UTF-8''a\r\n\r\n" END, "!a part has name* or", -COR_ESYNTAX, 0 },
	{ D "name=a; x*=UTF-8''a\r\n\r\n" END, "!a part has name* or", -COR_ESYNTAX, 0 },
	{ D "name=a; filename*=latin1''f\r\n\r\n" END, "!a part's filename* is not", -COR_ESYNTAX,
		0 },
	{ D "name=a; filename*=f\r\n\r\n" END, "!a part's filename* is not", -COR_ESYNTAX, 0 },
	{ D "name=a; filename*=UTF-8'f\r\n\r\n" END, "!a part's filename* is not", -COR_ESYNTAX,
		0 },
	{ D "name=a; filename*=\"UTF-8''f\"\r\n\r\n" END, "!a part's filename* is not",
		-COR_ESYNTAX, 0 },
	{ D "name=a; filename*=UTF-8''%ff\r\n\r\n" END, "!a part's filename* is not", -COR_ESYNTAX,
		0 },
	{ D "name=a; filename*=UTF-8''a%00b\r\n\r\n" END, "!a part's filename* is not",
		-COR_ESYNTAX, 0 },
	{ D "name=a; filename*=UTF-8''a%4\r\n\r\n" END, "!a part's filename* is not", -COR_ESYNTAX,
		0 },
	{ D "name=a; filename*=UTF-8''a%4g\r\n\r\n" END, "!a part's filename* is not", -COR_ESYNTAX,
		0 },
	{ D "name=a; filename*=UTF-8''a; filename*=UTF-8''a\r\n\r\n" END,
		"!a part's Content-Disposition has a parameter twice", -COR_ESYNTAX, 0 },
	{ D "name=a; name=c\r\n\r\n" END, "!a part's Content-Disposition has a parameter twice",
		-COR_ESYNTAX, 0 },
	{ D "name=a; filename=a; filename=\"c\"\r\n\r\n" END, "!a part's Content-Disposition has",
		-COR_ESYNTAX, 0 },
	{ D "filename=a\r\n\r\n" END, "!a part's Content-Disposition has no name", -COR_ESYNTAX,
		0 },
	{ D "name=\"a\r\n\r\n" END, "!a part's Content-Disposition has a quote", -COR_ESYNTAX, 0 },
	{ D "name=\"a\" x\r\n\r\n" END, "!a part's Content-Disposition is not well", -COR_ESYNTAX,
		0 },
	{ D "name\r\n\r\n" END, "!a part's Content-Disposition is not well", -COR_ESYNTAX, 0 },
	{ D "name=\r\n\r\n" END, "!a part's Content-Disposition has no value", -COR_ESYNTAX, 0 },
	{ D "name=\"\xff\"\r\n\r\n" END, "!a name in a part's Content-Disposition is not UTF-8",
		-COR_ESYNTAX, 0 },
	{ D "name=\"a\0c\"\r\n\r\n" END, "!a part's header line has a control", -COR_ESYNTAX,
		sizeof(D "name=\"a\0c\"\r\n\r\n" END) - 1 },
	{ D "name=\"a\x7f\"\r\n\r\n" END, "!a part's header line has a control", -COR_ESYNTAX, 0 },
	{ "--b\r\nContent-Disposition: attachment; name=a\r\n\r\n" END,
		"!a part's Content-Disposition is not form-data", -COR_ESYNTAX, 0 },
	{ "--b\r\n\r\n1" END, "!a part has no Content-Disposition", -COR_ESYNTAX, 0 },
	{ "--b\r\nContent-Type: text/plain\r\n\r\n1" END, "!a part has no Content-Disposition",
		-COR_ESYNTAX, 0 },
	{ D "name=a\r\nContent-Disposition: form-data; name=c\r\n\r\n" END,
		"!a part has a header line twice", -COR_ESYNTAX, 0 },
	{ D "name=a\r\n X: folded\r\n\r\n" END, "!a part has a line that is no header",
		-COR_ESYNTAX, 0 },
	{ D "name=a\r\nX : y\r\n\r\n" END, "!a part has a line that is no header", -COR_ESYNTAX,
		0 },
	{ D "name=a\n\r\n" END, "!a part's header line does not end with CRLF", -COR_ESYNTAX, 0 },
	{ D "name=a\rX: y\r\n\r\n" END, "!a part's header line has a control", -COR_ESYNTAX, 0 },
	{ D "name=a\r\nContent-Type: text\r\n\r\n" END,
		"!a part's Content-Type is not a media type", -COR_ESYNTAX, 0 },
	{ D "name=a\r\nContent-Type: text/plain; charset=latin1\r\n\r\n" END, "a/-/text/plain?=;.",
		0, 0 },
	{ D "name=a\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" END, "a/-/-=;.", 0, 0 },
	{ D "name=a\r\nContent-Transfer-Encoding: Binary\r\n\r\n" END, "a/-/-=;.", 0, 0 },
	{ D "name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n" END,
		"!a part has a Content-Transfer-Encoding", -EOPNOTSUPP, 0 },
	{ D "name=a\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" END,
		"!a part has a Content-Transfer-Encoding", -EOPNOTSUPP, 0 },
	{ D "name=a\r\nContent-Type: Multipart/mixed; boundary=c\r\n\r\n" END,
		"!a part is multipart itself", -EOPNOTSUPP, 0 },
	/* forms without an end */
	{ "", "!the form has no end", -COR_ESYNTAX, 0 },
	{ "--b", "!the form has no end", -COR_ESYNTAX, 0 },
	{ "--b\r\n", "!the form has no end", -COR_ESYNTAX, 0 },
	{ D "name=a\r\n", "!the form has no end", -COR_ESYNTAX, 0 },
	{ N("a") "1", "a/-/-=1!the form has no end", -COR_ESYNTAX, 0 },
	{ N("a") "1\r\n--b-", "a/-/-=1!the form has no end", -COR_ESYNTAX, 0 },
	{ N("a") "1\r\n--b\r\n", "a/-/-=1;!the form has no end", -COR_ESYNTAX, 0 },
	{ "{\"a\":1}", "!the form has no end", -COR_ESYNTAX, 0 },
	{ N("a") "1\r\n--b \n", "a/-/-=1!text stands behind a boundary", -COR_ESYNTAX, 0 },
	{ N("a") "1\r\n--b x", "a/-/-=1!text stands behind a boundary", -COR_ESYNTAX, 0 },
	{ N("a") "1\r\n--b \rx", "a/-/-=1!text stands behind a boundary", -COR_ESYNTAX, 0 },
	/* limits */
	{ N("a") "\r\n" N("a") "\r\n" N("a") "\r\n" N("a") END, "a/-/-=;a/-/-=;a/-/-=;a/-/-=;.", 0,
		0 },
	{ N("a") "\r\n" N("a") "\r\n" N("a") "\r\n" N("a") "\r\n" N("a") END,
		"a/-/-=;a/-/-=;a/-/-=;a/-/-=!the form has more than 4 parts", -COR_ETOOLARGE, 0 },
};

static struct cor_str text_of(const struct form *form)
{
	return (struct cor_str){ form->text, form->len ? form->len : strlen(form->text) };
}

static void check(
	const struct form *form, const struct told *told, const struct told *whole, size_t cut)
{
	size_t len = strlen(form->told);

	if (told->rc != form->rc || strncmp(told->text, form->told, len) != 0 ||
		told->len != whole->len || memcmp(told->text, whole->text, told->len) != 0)
		print_error("%s, cut at %zu: %d, %s\n", form->text, cut, told->rc, told->text);
	assert_int_equal(told->rc, form->rc);
	assert_memory_equal(told->text, form->told, len);
	assert_int_equal(told->len, whole->len);
	assert_memory_equal(told->text, whole->text, told->len);
}

static void cut_everywhere(const struct form *form, const char *boundary)
{
	struct cor_str text = text_of(form);
	struct told whole, told;
	size_t cuts[2048];

	read_form(boundary, text, NULL, 0, &whole);
	check(form, &whole, &whole, 0);
	assert_true(text.len < sizeof cuts / sizeof cuts[0]);
	for (size_t cut = 0; cut <= text.len; cut++) {
		read_form(boundary, text, &cut, 1, &told);
		check(form, &told, &whole, cut);
		cuts[cut] = cut;
	}
	read_form(boundary, text, cuts, text.len, &told);
	check(form, &told, &whole, SIZE_MAX);
}

static void forms_are_read_wherever_they_are_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		cut_everywhere(&forms[i], "b");
}

/* The line end in front of a boundary may be the one that ends the header lines. */
static void a_part_may_begin_with_its_end(void **state)
{
	const struct form form = { D
		"name=a\r\n\r\n--b\r\nContent-Disposition: form-data; name=c\r\n\r\n1" END,
		"a/-/-=;c/-/-=1;.", 0, 0 };

	(void)state;
	cut_everywhere(&form, "b");
}

/* RFC 2046 section 5.1.1: every character that a boundary may have, and 70 of them. */
static void long_boundaries_are_found(void **state)
{
	static const char boundary[] =
		"0123456789'()+_,-./:=? ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstu";
	char text[512], expected[256];
	struct form form = { .text = text, .told = expected };

	(void)state;
	assert_int_equal(sizeof boundary - 1, COR_BOUNDARY_MAX);
	snprintf(text, sizeof text,
		"--%s\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--%.69s\r\n--%s--",
		boundary, boundary, boundary);
	snprintf(expected, sizeof expected, "a/-/-=\r\n--%.69s;.", boundary);
	cut_everywhere(&form, boundary);
}

static void too_much_text_is_refused(void **state)
{
	char text[2 * HEAD_BYTES],
		expected[] = "a/-/-=1;.!the form has more than 512 bytes outside";
	struct form form = { .text = text, .rc = -COR_ETOOLARGE };

	(void)state;
	snprintf(text, sizeof text, "%*s" N("a") "1" END, HEAD_BYTES + 1, "");
	form.told = "!the form has more than 512 bytes outside of its parts";
	cut_everywhere(&form, "b");
	snprintf(text, sizeof text, N("a") "1" END "%*s", HEAD_BYTES, "");
	form.told = "a/-/-=1;";
	struct told told;
	read_form("b", cor_str(text), NULL, 0, &told);
	assert_int_equal(told.rc, -COR_ETOOLARGE);
	assert_memory_equal(told.text, expected, sizeof expected - 1);
	snprintf(text, sizeof text, D "name=a\r\nX: %*s\r\n\r\n1" END, HEAD_BYTES, "");
	form.told = "!the header lines of a part are longer than 512 bytes";
	cut_everywhere(&form, "b");
}

static void too_many_lines_are_refused(void **state)
{
	char text[HEAD_BYTES];
	size_t len = (size_t)snprintf(text, sizeof text, D "name=a\r\n");
	struct form form = {
		.text = text, .told = "!a part has more than 32 header lines", .rc = -COR_ETOOLARGE
	};

	(void)state;
	for (int i = 0; i < 32; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "X:y\r\n");
	snprintf(text + len, sizeof text - len, "\r\n" END);
	cut_everywhere(&form, "b");
}

struct boundary {
	const char *content_type;
	const char *boundary; /* NULL: refused */
};

static void boundaries_are_named_by_content_type(void **state)
{
	static const struct boundary table[] = {
		{ "multipart/form-data; boundary=b", "b" },
		{ "Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"", "a b" },
		{ "multipart/form-data;boundary=----WebKitFormBoundaryABC",
			"----WebKitFormBoundaryABC" },
		{ "multipart/form-data; boundary=\"a:'()+_,-./=?\"", "a:'()+_,-./=?" },
		{ "multipart/form-data; boundary="
		  "0123456789012345678901234567890123456789012345678901234567890123456789",
			"0123456789012345678901234567890123456789012345678901234567890123456789" },
		{ "multipart/form-data; boundary="
		  "01234567890123456789012345678901234567890123456789012345678901234567890",
			NULL },
		{ "multipart/form-data", NULL },
		{ "multipart/form-data; boundary", NULL },
		{ "multipart/form-data; boundary=", NULL },
		{ "multipart/form-data; boundary=\"\"", NULL },
		{ "multipart/form-data; boundary=\"a \"", NULL },
		{ "multipart/form-data; boundary=\"a\\\"b\"", NULL },
		{ "multipart/form-data; boundary=a#b", NULL },
		{ "multipart/form-data; boundary=\"a\x80\"", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct cor_str boundary = { NULL, 0 };
		const char *fault = NULL;
		int rc = cor_multipart_boundary(cor_str(table[i].content_type), &boundary, &fault);
		assert_true(cor_is_multipart_form(cor_str(table[i].content_type)) || rc < 0);
		assert_int_equal(rc, table[i].boundary ? 0 : -COR_ESYNTAX);
		assert_true(!!fault == (rc < 0));
		if (rc == 0)
			assert_true(cor_str_equal(boundary, cor_str(table[i].boundary)));
	}
	assert_false(cor_is_multipart_form(COR_STR("multipart/mixed; boundary=b")));
}

/* Parts that hold nothing are refused after those that are allowed, long before the last. */
static void many_parts_are_refused_early(void **state)
{
	static const char part[] = N("a") "\r\n";
	struct cor_multipart multipart;
	char lines[HEAD_BYTES];
	struct told told = { .len = 0 };
	int rc = 0, fed = 0;

	(void)state;
	cor_multipart_begin(&multipart, COR_STR("b"), lines, &limits);
	for (; rc == 0 && fed < 100000; fed++)
		rc = feed(&multipart, part, sizeof part - 1, &told);
	assert_int_equal(rc, -COR_ETOOLARGE);
	assert_int_equal(fed, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_read_wherever_they_are_cut),
		cmocka_unit_test(a_part_may_begin_with_its_end),
		cmocka_unit_test(long_boundaries_are_found),
		cmocka_unit_test(too_much_text_is_refused),
		cmocka_unit_test(too_many_lines_are_refused),
		cmocka_unit_test(boundaries_are_named_by_content_type),
		cmocka_unit_test(many_parts_are_refused_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
