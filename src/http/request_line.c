/* SPDX-License-Identifier: MIT */
#include "http/request_line.h"

#include <strings.h>

#include "base/words.h"
#include "http/chars.h"
#include "http/host.h"
#include "http/scan.h"

static struct cor_span span(const char *bytes, const char *from, const char *to)
{
	struct cor_span span = { (uint16_t)(from - bytes), (uint16_t)(to - from) };
	return span;
}

static const char *query(struct cor_head *head, const char *bytes, const char *mark)
{
	const char *at = mark + 1;
	const char *end = cor_chars_skip(at, COR_CHAR_QUERY);

	head->has_query = true;
	head->query = span(bytes, at, end);
	return end;
}

/* path [ "?" query ]; everything before `plain` is known to be path */
static inline const char *path_and_query(
	struct cor_head *head, const char *bytes, const char *at, const char *plain)
{
	const char *end = *plain == ' ' ? plain : cor_chars_skip(plain, COR_CHAR_PATH);

	head->path = span(bytes, at, end);
	return *end == '?' ? query(head, bytes, end) : end;
}

/* Skip the bytes that most paths consist of. */
static inline const char *skip_plain(const char *at, const char *end)
{
	while (end - at >= 16) {
		unsigned plain = cor_scan_plain(at);
		at += plain;
		if (plain < 16)
			break;
	}
	return at;
}

/* RFC 9112 section 3.2.2; http and https only. NULL if it is not one. */
static const char *absolute_form(
	struct cor_head *head, const char *bytes, const char *at, const char *end)
{
	size_t len = end - at >= 8 && strncasecmp(at, "https://", 8) == 0 ? 8 : 7;

	if (end - at < 7 || (len == 7 && strncasecmp(at, "http://", 7) != 0))
		return NULL;
	const char *slash = at + len - 1;
	at += len;
	const char *stop = at;
	while (*stop != '/' && *stop != '?' && *stop != ' ' && *stop != '\r')
		stop++;
	head->authority = span(bytes, at, stop);
	head->target_form = COR_TARGET_ABSOLUTE;
	if (!cor_host_valid(cor_span_text(bytes, head->authority), COR_HOST_PORT_OPTIONAL))
		return NULL;
	const char *behind = path_and_query(head, bytes, stop, stop);
	/* an empty path means "/" (RFC 9110 section 4.2.3): there is one to point at */
	if (head->path.len == 0)
		head->path = span(bytes, slash, slash + 1);
	return behind;
}

/* RFC 9112 section 3.2.3 */
static const char *authority_form(struct cor_head *head, const char *bytes, const char *at)
{
	const char *end = at;

	while (*end != ' ' && *end != '\r')
		end++;
	head->authority = span(bytes, at, end);
	head->target_form = COR_TARGET_AUTHORITY;
	return cor_host_valid(cor_span_text(bytes, head->authority), COR_HOST_PORT_REQUIRED) ? end
											     : NULL;
}

/* RFC 9112 section 3.2.4 */
static const char *asterisk_form(struct cor_head *head, const char *bytes, const char *at)
{
	head->target_form = COR_TARGET_ASTERISK;
	head->path = span(bytes, at, at + 1);
	return at + 1;
}

/* The byte behind the target, or NULL where its form does not fit the method. */
static const char *target(struct cor_head *head, const char *bytes, const char *at, const char *end)
{
	if (head->method == COR_METHOD_CONNECT)
		return authority_form(head, bytes, at);
	if (*at == '/')
		return path_and_query(head, bytes, at, at);
	if (*at == '*' && head->method == COR_METHOD_OPTIONS)
		return asterisk_form(head, bytes, at);
	return absolute_form(head, bytes, at, end);
}

static bool is_version(const char *at, const char *end)
{
	return end - at == 8 && memcmp(at, "HTTP/", 5) == 0 && cor_char_is(at[5], COR_CHAR_DIGIT) &&
	       at[6] == '.' && cor_char_is(at[7], COR_CHAR_DIGIT);
}

/* RFC 9110 section 2.5: a higher minor version counts as the highest that is known. */
static int version(struct cor_head_parser *parser, const char *at, const char *end)
{
	if (!is_version(at, end)) {
		bool blames_target = end - at > 9 && end[-9] == ' ' && is_version(end - 8, end) &&
				     *at != ' ';
		return cor_http_refuse(&parser->error, 400,
			blames_target
				? "the request target holds a space: it must be percent-encoded"
				: "the request line does not end in a space and HTTP/1.1");
	}
	if (at[5] != '1')
		return cor_http_refuse(
			&parser->error, 505, "the server speaks HTTP/1.0 and HTTP/1.1 only");
	parser->http1.minor_version = at[7] != '0';
	return 0;
}

static const char *why_no_target(const struct cor_head *head, const char *at, const char *end)
{
	if (at == end)
		return "the request line has no target";
	if (*at == ' ')
		return "the request line has two spaces after the method";
	if (head->method == COR_METHOD_CONNECT)
		return "the target of CONNECT is not a host with a port";
	return "the request target is neither a path nor an http URI with a valid host";
}

int cor_request_line_parse(struct cor_head_parser *parser, const char *bytes)
{
	struct cor_head *head = &parser->head;
	const char *start = bytes + parser->line;
	const char *end = bytes + parser->scanned;
	const char *at = cor_chars_skip(start, COR_CHAR_TOKEN);

	if (at == start || *at != ' ')
		return cor_http_refuse(
			&parser->error, 400, "the method is not a token followed by one space");
	head->method_text = span(bytes, start, at);
	head->method = (uint8_t)cor_method_find(start, (size_t)(at - start));

	const char *behind = target(head, bytes, at + 1, end);
	if (!behind)
		return cor_http_refuse(&parser->error, 400, why_no_target(head, at + 1, end));
	if (behind == end)
		return cor_http_refuse(&parser->error, 400,
			"the request line has no version: it ends in a space and HTTP/1.1");
	if (*behind != ' ')
		return cor_http_refuse(&parser->error, 400,
			"the request target holds a character that must be percent-encoded");
	return version(parser, behind + 1, end);
}

int cor_request_target_parse(
	struct cor_head_parser *parser, const char *bytes, struct cor_span target)
{
	struct cor_head *head = &parser->head;
	const char *at = bytes + target.at;
	const char *end = at + target.len;
	const char *behind = NULL;

	if (*at == '/')
		behind = path_and_query(head, bytes, at, at);
	else if (*at == '*' && head->method == COR_METHOD_OPTIONS)
		behind = asterisk_form(head, bytes, at);
	if (!behind)
		return cor_http_refuse(&parser->error, 400, "the request's target is not a path");
	if (behind != end)
		return cor_http_refuse(&parser->error, 400,
			"the request target holds a character that must be percent-encoded");
	return 0;
}

/*
 * The method of a head that ends with an LF. Returns what follows it; NULL: there is none, or its
 * target is not a path. Most are GET, whose length is a constant.
 */
static inline const char *common_method(struct cor_head *head, const char *bytes, const char *end)
{
	if (COR_LIKELY(end - bytes > 4 && cor_half_at(bytes) == cor_half_at("GET "))) {
		head->method_text = (struct cor_span){ 0, 3 };
		head->method = COR_METHOD_GET;
		return bytes + 3;
	}
	const char *at = cor_chars_skip(bytes, COR_CHAR_TOKEN);
	head->method_text = span(bytes, bytes, at);
	head->method = (uint8_t)cor_method_find(bytes, (size_t)(at - bytes));
	return at == bytes || head->method == COR_METHOD_CONNECT ? NULL : at;
}

const char *cor_request_line_common(
	struct cor_head_parser *parser, const char *bytes, const char *end)
{
	struct cor_head *head = &parser->head;
	const char *at = common_method(head, bytes, end);

	if (!at || *at != ' ' || at[1] != '/')
		return NULL;
	at = path_and_query(head, bytes, at + 1, skip_plain(at + 1, end));
	if (end - at < 11 || memcmp(at, " HTTP/1.1\r\n", 11) != 0)
		return NULL;
	parser->http1.minor_version = 1;
	return at + 11;
}
