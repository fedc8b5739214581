/* SPDX-License-Identifier: MIT */
#include "plain_head.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define ALPHA      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGIT      "0123456789"
#define HEX        DIGIT "ABCDEFabcdef"
#define UNRESERVED ALPHA DIGIT "-._~"
#define SUB_DELIMS "!$&'()*+,;="
#define TOKEN      ALPHA DIGIT "!#$%&'*+-.^_`|~"
#define PATH       UNRESERVED SUB_DELIMS "/:@%[]^|"
#define QUERY      PATH "?{}`\\"

/* --- text --- */

static struct cor_str cut(struct cor_str text, size_t from, size_t to)
{
	return (struct cor_str){ text.data + from, to - from };
}

static bool is(struct cor_str text, const char *other)
{
	return text.len == strlen(other) && strncasecmp(text.data, other, text.len) == 0;
}

static bool begins(struct cor_str text, const char *other)
{
	return text.len >= strlen(other) && strncasecmp(text.data, other, strlen(other)) == 0;
}

static bool consists_of(struct cor_str text, const char *bytes)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '\0' || !strchr(bytes, text.data[i]))
			return false;
	return true;
}

static bool is_token(struct cor_str text)
{
	return text.len > 0 && consists_of(text, TOKEN);
}

/* Where the first of `bytes` is; the length if none occurs. */
static size_t find(struct cor_str text, const char *bytes)
{
	size_t at = 0;

	while (at < text.len && (text.data[at] == '\0' || !strchr(bytes, text.data[at])))
		at++;
	return at;
}

static struct cor_str trim(struct cor_str text)
{
	while (text.len > 0 && strchr(" \t", text.data[0]))
		text = cut(text, 1, text.len);
	while (text.len > 0 && strchr(" \t", text.data[text.len - 1]))
		text = cut(text, 0, text.len - 1);
	return text;
}

/* --- host [ ":" port ] --- */

static bool port_valid(struct cor_str port)
{
	long value = 0;

	if (!consists_of(port, DIGIT))
		return false;
	for (size_t i = 0; i < port.len && value <= 65535; i++)
		value = value * 10 + (port.data[i] - '0');
	return value <= 65535;
}

static bool literal_valid(struct cor_str inner)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (inner.len >= sizeof text || !consists_of(inner, HEX ":."))
		return false;
	memcpy(text, inner.data, inner.len);
	text[inner.len] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1;
}

static bool name_valid(struct cor_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] != '%')
			continue;
		if (name.len - i < 3 || !consists_of(cut(name, i + 1, i + 3), HEX))
			return false;
	}
	return name.len > 0 && consists_of(name, UNRESERVED SUB_DELIMS "%");
}

static bool authority_valid(struct cor_str text, bool port_is_required)
{
	bool is_literal = text.len > 0 && text.data[0] == '[';
	size_t end = is_literal ? find(text, "]") + 1 : find(text, ":");

	if (end > text.len)
		return false;
	if (is_literal ? !literal_valid(cut(text, 1, end - 1)) : !name_valid(cut(text, 0, end)))
		return false;
	if (end == text.len)
		return !port_is_required;
	struct cor_str port = cut(text, end + 1, text.len);
	return text.data[end] == ':' && port_valid(port) && (port.len > 0 || !port_is_required);
}

/* --- the request line --- */

static int path_and_query(struct plain_head *head, struct cor_str text)
{
	size_t mark = find(text, "?");

	head->path = cut(text, 0, mark);
	head->has_query = mark < text.len;
	if (head->has_query)
		head->query = cut(text, mark + 1, text.len);
	return consists_of(head->path, PATH) && consists_of(head->query, QUERY) ? 200 : 400;
}

static int absolute_form(struct plain_head *head, struct cor_str text)
{
	size_t begin = begins(text, "https://") ? 8 : 7;
	struct cor_str rest = cut(text, begin, text.len);
	size_t end = find(rest, "/?");

	head->form = COR_TARGET_ABSOLUTE;
	head->authority = cut(rest, 0, end);
	if (!authority_valid(head->authority, false))
		return 400;
	int status = path_and_query(head, cut(rest, end, rest.len));
	if (head->path.len == 0)
		head->path = COR_STR("/");
	return status;
}

static int target(struct plain_head *head)
{
	if (cor_str_equal(head->method, COR_STR("CONNECT"))) {
		head->form = COR_TARGET_AUTHORITY;
		head->authority = head->target;
		return authority_valid(head->authority, true) ? 200 : 400;
	}
	if (cor_str_equal(head->method, COR_STR("OPTIONS")) && is(head->target, "*")) {
		head->form = COR_TARGET_ASTERISK;
		head->path = head->target;
		return 200;
	}
	if (begins(head->target, "http://") || begins(head->target, "https://"))
		return absolute_form(head, head->target);
	return begins(head->target, "/") ? path_and_query(head, head->target) : 400;
}

static int version(struct plain_head *head)
{
	struct cor_str text = head->version;

	if (text.len != 8 || memcmp(text.data, "HTTP/", 5) != 0 || text.data[6] != '.' ||
		!consists_of(cut(text, 5, 6), DIGIT) || !consists_of(cut(text, 7, 8), DIGIT))
		return 400;
	if (text.data[5] != '1')
		return 505;
	head->minor_version = text.data[7] == '0' ? 0 : 1;
	return 200;
}

static int request_line(struct plain_head *head, struct cor_str line)
{
	size_t first = find(line, " ");

	if (first == line.len)
		return 400;
	head->method = cut(line, 0, first);
	line = cut(line, first + 1, line.len);
	size_t second = find(line, " ");
	if (second == line.len)
		return 400;
	head->target = cut(line, 0, second);
	head->version = cut(line, second + 1, line.len);
	int status = is_token(head->method) ? target(head) : 400;
	return status == 200 ? version(head) : status;
}

/* --- fields --- */

static size_t count(const struct plain_head *head, const char *name)
{
	size_t found = 0;

	for (size_t i = 0; i < head->fields_len; i++)
		found += is(head->fields[i].name, name);
	return found;
}

static int content_length(struct plain_head *head, struct cor_str value)
{
	if (count(head, "content-length") > 1 || value.len == 0 || !consists_of(value, DIGIT))
		return 400;
	head->content_length = 0;
	for (size_t i = 0; i < value.len; i++) {
		int64_t digit = value.data[i] - '0';
		if (head->content_length > (INT64_MAX - digit) / 10)
			return 413;
		head->content_length = head->content_length * 10 + digit;
	}
	return 200;
}

/* Item number `wanted` of a list, and whether the list is that long. */
static bool element(struct cor_str list, size_t wanted, struct cor_str *ret)
{
	for (size_t at = 0;; at++) {
		size_t comma = find(list, ",");
		*ret = trim(cut(list, 0, comma));
		if (at == wanted)
			return true;
		if (comma == list.len)
			return false;
		list = cut(list, comma + 1, list.len);
	}
}

static int transfer_encoding(const struct plain_head *head, struct cor_str value)
{
	struct cor_str coding;
	size_t len = 0, chunked = 0, last = 0;

	for (; element(value, len, &coding); len++) {
		if (!is_token(coding))
			return 400;
		if (is(coding, "chunked")) {
			chunked++;
			last = len;
		}
	}
	if (count(head, "transfer-encoding") > 1 || chunked != 1 || last != len - 1)
		return 400;
	return len > 1 ? 501 : 200;
}

static int connection(struct cor_str value)
{
	struct cor_str option;

	for (size_t i = 0; element(value, i, &option); i++)
		if (option.len > 0 && !is_token(option))
			return 400;
	return 200;
}

static int check_field(struct plain_head *head, struct cor_str name, struct cor_str value)
{
	if (is(name, "content_length") || is(name, "transfer_encoding"))
		return 400;
	if (is(name, "host") && count(head, "host") > 1)
		return 400;
	if (is(name, "host"))
		return value.len == 0 || authority_valid(value, false) ? 200 : 400;
	if (is(name, "content-length"))
		return content_length(head, value);
	if (is(name, "transfer-encoding"))
		return transfer_encoding(head, value);
	if (is(name, "connection"))
		return connection(value);
	if (is(name, "expect") && head->minor_version == 1)
		return is(value, "100-continue") ? 200 : 417;
	return 200;
}

static int field_line(
	struct plain_head *head, const struct cor_head_limits *limits, struct cor_str line)
{
	size_t colon = find(line, ":");
	struct cor_str name = cut(line, 0, colon);

	if (head->fields_len == limits->header_count)
		return 431;
	if (colon == line.len || !is_token(name))
		return 400;
	struct cor_str value = trim(cut(line, colon + 1, line.len));
	head->fields[head->fields_len].name = name;
	head->fields[head->fields_len++].value = value;
	return check_field(head, name, value);
}

/* --- the whole --- */

static bool says(const struct plain_head *head, const char *wanted)
{
	struct cor_str option;

	for (size_t i = 0; i < head->fields_len; i++)
		for (size_t k = 0; is(head->fields[i].name, "connection") &&
				   element(head->fields[i].value, k, &option);
			k++)
			if (is(option, wanted))
				return true;
	return false;
}

static int finish(struct plain_head *head)
{
	bool is_chunked = count(head, "transfer-encoding") > 0;
	bool is_1_1 = head->minor_version == 1;

	if (is_chunked && (!is_1_1 || count(head, "content-length") > 0))
		return 400;
	if (is_1_1 && count(head, "host") == 0)
		return 400;
	if (is_chunked)
		head->content_length = -1;
	head->body = is_chunked                 ? COR_BODY_UNKNOWN
		     : head->content_length > 0 ? COR_BODY_LENGTH
						: COR_BODY_NONE;
	head->host = head->authority;
	for (size_t i = 0; head->authority.len == 0 && i < head->fields_len; i++)
		if (is(head->fields[i].name, "host"))
			head->host = head->fields[i].value;
	head->keep_alive = !says(head, "close") && (is_1_1 || says(head, "keep-alive"));
	head->expect_continue = is_1_1 && count(head, "expect") > 0 && head->body != COR_BODY_NONE;
	head->upgrade = is_1_1 && says(head, "upgrade") && count(head, "upgrade") > 0;
	return 200;
}

static bool is_control(char byte)
{
	return ((unsigned char)byte < 0x20 && byte != '\t') || byte == 0x7f;
}

/* The line that starts at `begin` and ends in CRLF. Returns 200, 0 (needs more) or the refusal. */
static int take_line(struct cor_str input, size_t begin, size_t *ret_end)
{
	size_t end = begin;

	while (end < input.len && !is_control(input.data[end]))
		end++;
	*ret_end = end;
	if (end == input.len || (input.data[end] == '\r' && end + 1 == input.len))
		return 0;
	return input.data[end] == '\r' && input.data[end + 1] == '\n' ? 200 : 400;
}

static int parse_fields(
	struct plain_head *head, const struct cor_head_limits *limits, struct cor_str input)
{
	size_t block = head->used, end;

	for (;;) {
		int status = take_line(input, head->used, &end);
		size_t len = end - head->used;
		if (len > limits->header_line_bytes ||
			(len > 0 && end + 2 - block > limits->header_block_bytes))
			return 431;
		if (status != 200)
			return status;
		struct cor_str line = cut(input, head->used, end);
		head->used = end + 2;
		if (len == 0)
			return finish(head);
		status = field_line(head, limits, line);
		if (status != 200)
			return status;
	}
}

static int parse(
	struct plain_head *head, const struct cor_head_limits *limits, struct cor_str input)
{
	size_t end;

	if (input.len > 0 && input.data[0] == '\r') {
		if (input.len == 1)
			return 0;
		if (input.data[1] != '\n')
			return 400;
		head->used = 2;
	}
	if (head->used == input.len)
		return 0;
	if (!is_token(cut(input, head->used, head->used + 1)))
		return 400;
	int status = take_line(input, head->used, &end);
	if (end - head->used > limits->request_line_bytes)
		return 414;
	if (status == 200)
		status = request_line(head, cut(input, head->used, end));
	head->used = end + 2;
	return status == 200 ? parse_fields(head, limits, input) : status;
}

void plain_head_parse(struct plain_head *head, const struct cor_head_limits *limits,
	const char *bytes, size_t len)
{
	memset(head, 0, sizeof *head);
	head->status = parse(head, limits, (struct cor_str){ bytes, len });
}

/* --- comparing --- */

static bool same(const char *bytes, struct cor_span span, struct cor_str text)
{
	struct cor_str here = cor_span_text(bytes, span);

	return here.len == text.len &&
	       (here.len == 0 || memcmp(here.data, text.data, here.len) == 0);
}

static const char *target_differs(
	const struct plain_head *plain, const struct cor_head *head, const char *bytes)
{
	enum cor_method method = cor_method_find(plain->method.data, plain->method.len);

	if (!same(bytes, head->method_text, plain->method) || head->method != method)
		return "the method";
	if (head->target_form != plain->form)
		return "the target's form";
	if (!same(bytes, head->path, plain->path))
		return "the path";
	if (head->has_query != plain->has_query || !same(bytes, head->query, plain->query))
		return "the query";
	if (!same(bytes, head->authority, plain->authority))
		return "the authority";
	return same(bytes, head->host, plain->host) ? NULL : "the host";
}

static const char *meaning_differs(const struct plain_head *plain, const struct cor_head *head,
	const struct cor_http1_head *http1)
{
	if (http1->minor_version != plain->minor_version)
		return "the version";
	if (head->body != plain->body || head->content_length != plain->content_length)
		return "the body";
	if (http1->keep_alive != plain->keep_alive)
		return "keep-alive";
	if (http1->expect_continue != plain->expect_continue)
		return "expect-continue";
	return http1->upgrade == plain->upgrade ? NULL : "upgrade";
}

/* The number of the first field of that name, counted from 1; 0 if none has it. */
static size_t first_of(const struct plain_head *plain, const char *name)
{
	for (size_t i = 0; i < plain->fields_len; i++)
		if (is(plain->fields[i].name, name))
			return i + 1;
	return 0;
}

static const char *fields_differ(
	const struct plain_head *plain, const struct cor_head_parser *parser, const char *bytes)
{
	bool repeats = false;

	if (parser->head.fields_len != plain->fields_len)
		return "the number of fields";
	for (size_t i = 0; i < plain->fields_len; i++) {
		if (!same(bytes, parser->fields[i].name, plain->fields[i].name))
			return "a field's name";
		if (!same(bytes, parser->fields[i].value, plain->fields[i].value))
			return "a field's value";
	}
	for (unsigned known = 0; known < COR_KNOWN_COUNT; known++) {
		const char *name = cor_known_name((enum cor_known)known);
		if (parser->head.known[known] != first_of(plain, name))
			return name;
		repeats |= count(plain, name) > 1;
	}
	return parser->head.repeats == repeats ? NULL : "repeats";
}

const char *plain_head_differs(const struct plain_head *head, const struct cor_head_parser *parser,
	const char *bytes, ssize_t result)
{
	int status = result > 0 ? 200 : result == 0 ? 0 : parser->error.status;
	const char *what;

	if (status != head->status)
		return "the outcome";
	if (status != 200)
		return NULL;
	if ((size_t)result != head->used)
		return "the length";
	what = target_differs(head, &parser->head, bytes);
	if (!what)
		what = meaning_differs(head, &parser->head, &parser->http1);
	return what ? what : fields_differ(head, parser, bytes);
}
