/* SPDX-License-Identifier: MIT */
/*
 * The heads of HTTP/1's tests, as far as HTTP/2 can say the same, have the same outcome: what
 * nghttp2 checks and what the builder checks, together, is what the parser of HTTP/1 checks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>
#include <nghttp2/nghttp2.h>

#include "head_cases.h"
#include "http/head_builder.h"

#define FIELDS_MAX 300
#define LEAST      150 /* of the cases can be said in HTTP/2 */

struct field {
	struct cor_str name, value;
};

/* A head that has lines, as far as they can be told apart without knowing more. */
struct lines {
	char text[40000];
	struct cor_str method, path;
	struct field fields[FIELDS_MAX];
	size_t len;
};

static struct cor_str trim(const char *from, const char *end)
{
	while (from < end && (*from == ' ' || *from == '\t'))
		from++;
	while (end > from && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return (struct cor_str){ from, (size_t)(end - from) };
}

/* What is said otherwise, or not at all (RFC 9113 section 8.2.2). */
static bool is_of_http1(struct cor_str name, struct cor_str value)
{
	static const char *const names[] = { "connection", "transfer-encoding", "keep-alive",
		"proxy-connection", "upgrade", "http2-settings" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (cor_str_equal(name, cor_str(names[i])))
			return true;
	return cor_str_equal(name, COR_STR("te")) && !cor_str_equal(value, COR_STR("trailers"));
}

static bool split_first_line(struct lines *lines, char *line, char *end)
{
	char *target = memchr(line, ' ', (size_t)(end - line));
	char *version = target ? memchr(target + 1, ' ', (size_t)(end - target - 1)) : NULL;

	if (!version || target == line || end - version != 9 ||
		memcmp(version, " HTTP/1.1", 9) != 0)
		return false;
	lines->method = (struct cor_str){ line, (size_t)(target - line) };
	lines->path = (struct cor_str){ target + 1, (size_t)(version - target - 1) };
	if (cor_str_equal(lines->method, COR_STR("CONNECT")))
		return false; /* it has neither :scheme nor :path */
	return lines->path.data[0] == '/' || cor_str_equal(lines->path, COR_STR("*"));
}

static bool split_field(struct lines *lines, char *line, char *end)
{
	char *colon = memchr(line, ':', (size_t)(end - line));

	if (!colon || colon == line || lines->len == FIELDS_MAX)
		return false;
	for (char *at = line; at < colon; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	struct field *field = &lines->fields[lines->len++];
	field->name = (struct cor_str){ line, (size_t)(colon - line) };
	field->value = trim(colon + 1, end);
	return !is_of_http1(field->name, field->value);
}

/* Whether HTTP/2 can say it. */
static bool split(struct lines *lines, const struct head_case *c)
{
	char *line = memcpy(lines->text, c->raw, c->len), *end = lines->text + c->len;
	bool is_first = true;

	lines->len = 0;
	for (;;) {
		char *stop = memmem(line, (size_t)(end - line), "\r\n", 2);
		if (!stop)
			return false; /* it is not whole, or its lines end otherwise */
		if (stop == line)
			return !is_first;
		if (!(is_first ? split_first_line(lines, line, stop)
			       : split_field(lines, line, stop)))
			return false;
		is_first = false;
		line = stop + 2;
	}
}

static bool nghttp2_lets_pass(const struct lines *lines)
{
	if (!nghttp2_check_method((const uint8_t *)lines->method.data, lines->method.len) ||
		!nghttp2_check_path((const uint8_t *)lines->path.data, lines->path.len))
		return false;
	for (size_t i = 0; i < lines->len; i++) {
		const struct field *field = &lines->fields[i];
		const uint8_t *value = (const uint8_t *)field->value.data;
		if (!nghttp2_check_header_name(
			    (const uint8_t *)field->name.data, field->name.len) ||
			!nghttp2_check_header_value_rfc9113(value, field->value.len))
			return false;
		if (cor_str_equal(field->name, COR_STR("host")) &&
			!nghttp2_check_authority(value, field->value.len))
			return false;
	}
	return true;
}

/* nghttp2 lets no field of these pass twice, and of a length only digits. */
static bool nghttp2_counts_right(const struct lines *lines)
{
	int hosts = 0, lengths = 0;

	for (size_t i = 0; i < lines->len; i++) {
		const struct field *field = &lines->fields[i];
		hosts += cor_str_equal(field->name, COR_STR("host"));
		if (!cor_str_equal(field->name, COR_STR("content-length")))
			continue;
		lengths++;
		if (field->value.len == 0 ||
			strspn(field->value.data, "0123456789") < field->value.len)
			return false;
	}
	return hosts == 1 && lengths <= 1;
}

static int outcome(struct cor_head_builder *builder, const struct lines *lines,
	const struct cor_head_parser *http1)
{
	bool has_body = http1->error.status != 0 || http1->head.content_length > 0;

	if (!nghttp2_lets_pass(lines) || !nghttp2_counts_right(lines))
		return 400;
	cor_head_builder_reset(builder, false);
	cor_head_builder_add(builder, COR_STR(":method"), lines->method);
	cor_head_builder_add(builder, COR_STR(":scheme"), COR_STR("http"));
	cor_head_builder_add(builder, COR_STR(":path"), lines->path);
	for (size_t i = 0; i < lines->len; i++)
		cor_head_builder_add(builder, lines->fields[i].name, lines->fields[i].value);
	return cor_head_builder_finish(builder, has_body) < 0 ? builder->parser.error.status : 0;
}

static bool is_same(const char *a_bytes, struct cor_span a, const char *b_bytes, struct cor_span b)
{
	return a.len == b.len && strncasecmp(a_bytes + a.at, b_bytes + b.at, a.len) == 0;
}

static const char *difference(const struct cor_head_parser *a, const char *a_bytes,
	const struct cor_head_builder *builder)
{
	const struct cor_head_parser *b = &builder->parser;
	const char *b_bytes = builder->text.data;

	if (!is_same(a_bytes, a->head.method_text, b_bytes, b->head.method_text) ||
		a->head.method != b->head.method)
		return "method";
	if (a->head.target_form != b->head.target_form ||
		!is_same(a_bytes, a->head.path, b_bytes, b->head.path) ||
		a->head.has_query != b->head.has_query ||
		!is_same(a_bytes, a->head.query, b_bytes, b->head.query))
		return "target";
	if (!is_same(a_bytes, a->head.host, b_bytes, b->head.host))
		return "host";
	if (a->head.known[COR_KNOWN_CONTENT_LENGTH] &&
		(a->head.content_length != b->head.content_length || a->head.body != b->head.body))
		return "body";
	if (a->head.known[COR_KNOWN_CONTENT_LENGTH] &&
		a->http1.expect_continue != b->http1.expect_continue)
		return "expectation";
	if (a->head.fields_len != b->head.fields_len || a->head.repeats != b->head.repeats ||
		memcmp(a->head.known, b->head.known, sizeof a->head.known) != 0)
		return "fields";
	for (size_t i = 0; i < a->head.fields_len; i++)
		if (!is_same(a_bytes, a->fields[i].name, b_bytes, b->fields[i].name) ||
			!is_same(a_bytes, a->fields[i].value, b_bytes, b->fields[i].value))
			return "a field";
	return NULL;
}

static void heads_have_the_same_outcome(void **state)
{
	static struct lines lines;
	struct cor_head_builder builder;
	size_t said = 0;
	int wrong = 0;

	(void)state;
	cor_head_builder_init(&builder, NULL);
	for (size_t i = 0; i < head_cases_len; i++) {
		const struct head_case *c = &head_cases[i];
		struct cor_head_parser parser;
		if (c->len >= sizeof lines.text || !split(&lines, c))
			continue;
		cor_head_parser_init(&parser, NULL);
		ssize_t n = cor_head_parse(&parser, c->raw, c->len);
		if (n == 0)
			continue;
		said++;
		int status = n < 0 ? parser.error.status : 0;
		int is = outcome(&builder, &lines, &parser);
		const char *differs = is == 0 && status == 0 ? difference(&parser, c->raw, &builder)
							     : NULL;
		if (is == status && !differs)
			continue;
		print_error("case %zu (%s): %.300s\n  HTTP/1: %d, HTTP/2: %d (%s) %s\n", i, c->rule,
			c->raw, status, is, is != 0 ? builder.parser.error.reason : "", differs);
		wrong++;
	}
	cor_head_builder_destroy(&builder);
	assert_int_equal(wrong, 0);
	assert_true(said >= LEAST);
	print_message("# figure: %zu of %zu heads of HTTP/1 can be said in HTTP/2\n", said,
		head_cases_len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_have_the_same_outcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
