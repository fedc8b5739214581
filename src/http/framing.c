/* SPDX-License-Identifier: MIT */
#include "http/framing.h"

#include <strings.h>

#include "base/trim.h"
#include "http/chars.h"
#include "http/fold.h"
#include "http/host.h"

/* parser->seen */
enum {
	SAID_CLOSE = 1,
	SAID_KEEP_ALIVE = 2,
	SAID_UPGRADE = 4,
	SAID_CONTINUE = 8,
};

/* Take the next element, which may be empty, off a list that is not. */
static struct cor_str list_cut(struct cor_str *rest)
{
	const char *comma = memchr(rest->data, ',', rest->len);
	struct cor_str item = { rest->data, comma ? (size_t)(comma - rest->data) : rest->len };
	size_t used = comma ? item.len + 1 : item.len;

	rest->data += used;
	rest->len -= used;
	return cor_trim(item);
}

static bool is_token(struct cor_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!cor_char_is(text.data[i], COR_CHAR_TOKEN))
			return false;
	return text.len > 0;
}

/* In an answer it means nothing. */
static int refuse_host(struct cor_head_parser *parser, const char *reason)
{
	if (parser->seen & COR_FRAMING_IS_ANSWER)
		return 0;
	return cor_http_refuse(&parser->error, 400, reason);
}

static int host(struct cor_head_parser *parser, struct cor_str value)
{
	const struct cor_head *head = &parser->head;

	if (head->known[COR_KNOWN_HOST] != head->fields_len)
		return refuse_host(parser, "there is more than one Host");
	/* empty where the target has no authority: RFC 9110 section 7.2 */
	if (value.len > 0 && !cor_host_valid(value, COR_HOST_PORT_OPTIONAL))
		return refuse_host(parser, "Host is not a host with an optional port");
	return 0;
}

static int content_length(struct cor_head_parser *parser, struct cor_str value)
{
	int64_t length = 0;

	if (parser->head.known[COR_KNOWN_CONTENT_LENGTH] != parser->head.fields_len)
		return cor_http_refuse(
			&parser->error, 400, "there is more than one Content-Length");
	if (value.len == 0)
		return cor_http_refuse(&parser->error, 400, "Content-Length is empty");
	for (size_t i = 0; i < value.len; i++)
		if (!cor_char_is(value.data[i], COR_CHAR_DIGIT))
			return cor_http_refuse(
				&parser->error, 400, "Content-Length is not a decimal number");
	for (size_t i = 0; i < value.len; i++)
		if (__builtin_mul_overflow(length, 10, &length) ||
			__builtin_add_overflow(length, value.data[i] - '0', &length))
			return cor_http_refuse(
				&parser->error, 413, "Content-Length is out of range");
	parser->head.content_length = length;
	parser->head.body = length > 0 ? COR_BODY_LENGTH : COR_BODY_NONE;
	return 0;
}

/*
 * RFC 9112 section 6.3: a request whose last coding is not `chunked` has no length that could be
 * trusted (400); one with other codings before it is well-formed, but not supported (501).
 * `chunked` is applied once and has no parameters.
 */
static int transfer_encoding(struct cor_head_parser *parser, struct cor_str value)
{
	struct cor_str chunked = COR_STR("chunked");
	struct cor_str last = value;
	struct cor_str rest = value;
	size_t codings = 0, times = 0;

	if (parser->head.known[COR_KNOWN_TRANSFER_ENCODING] != parser->head.fields_len)
		return cor_http_refuse(
			&parser->error, 400, "there is more than one Transfer-Encoding");
	while (rest.len > 0) {
		bool open = memchr(rest.data, ',', rest.len) != NULL;

		last = list_cut(&rest);
		if (!is_token(last) || (open && rest.len == 0))
			return cor_http_refuse(
				&parser->error, 400, "Transfer-Encoding is malformed");
		times += cor_fold_equal(last, chunked);
		codings++;
	}
	if (times != 1 || !cor_fold_equal(last, chunked))
		return cor_http_refuse(
			&parser->error, 400, "Transfer-Encoding does not end in one chunked");
	if (codings > 1)
		return cor_http_refuse(
			&parser->error, 501, "the only transfer coding supported is chunked");
	parser->head.body = COR_BODY_UNKNOWN;
	parser->head.content_length = -1;
	return 0;
}

/* Elements may be empty (RFC 9110 section 5.6.1.2). */
static int connection(struct cor_head_parser *parser, struct cor_str value)
{
	if (cor_fold_equal(value, COR_STR("keep-alive"))) {
		parser->seen |= SAID_KEEP_ALIVE;
		return 0;
	}
	while (value.len > 0) {
		struct cor_str option = list_cut(&value);

		if (option.len > 0 && !is_token(option))
			return cor_http_refuse(
				&parser->error, 400, "Connection is not a list of tokens");
		if (cor_fold_equal(option, COR_STR("close")))
			parser->seen |= SAID_CLOSE;
		else if (cor_fold_equal(option, COR_STR("keep-alive")))
			parser->seen |= SAID_KEEP_ALIVE;
		else if (cor_fold_equal(option, COR_STR("upgrade")))
			parser->seen |= SAID_UPGRADE;
	}
	return 0;
}

/* HTTP/1.0 has no expectations, nor has an answer: ignore them there. */
static int expect(struct cor_head_parser *parser, struct cor_str value)
{
	if (parser->http1.minor_version == 0 || (parser->seen & COR_FRAMING_IS_ANSWER))
		return 0;
	if (!cor_fold_equal(value, COR_STR("100-continue")))
		return cor_http_refuse(
			&parser->error, 417, "the only expectation supported is 100-continue");
	parser->seen |= SAID_CONTINUE;
	return 0;
}

static int (*const handlers[COR_KNOWN_COUNT])(struct cor_head_parser *, struct cor_str) = {
	[COR_KNOWN_HOST] = host,
	[COR_KNOWN_CONTENT_LENGTH] = content_length,
	[COR_KNOWN_TRANSFER_ENCODING] = transfer_encoding,
	[COR_KNOWN_CONNECTION] = connection,
	[COR_KNOWN_EXPECT] = expect,
};

int cor_framing_field(struct cor_head_parser *parser, enum cor_known known, struct cor_str value)
{
	return handlers[known] ? handlers[known](parser, value) : 0;
}

/* What Connection and Expect said. */
static void take_options(struct cor_head_parser *parser)
{
	const struct cor_head *head = &parser->head;
	struct cor_http1_head *http1 = &parser->http1;
	uint8_t seen = parser->seen;

	http1->keep_alive = !(seen & SAID_CLOSE) &&
			    (http1->minor_version == 1 || (seen & SAID_KEEP_ALIVE));
	http1->expect_continue = (seen & SAID_CONTINUE) && head->body != COR_BODY_NONE;
	http1->upgrade = (seen & SAID_UPGRADE) && head->known[COR_KNOWN_UPGRADE] &&
			 http1->minor_version == 1;
}

/* There is a Transfer-Encoding. */
static int check_transfer(struct cor_head_parser *parser)
{
	if (parser->http1.minor_version == 0)
		return cor_http_refuse(&parser->error, 400, "HTTP/1.0 has no Transfer-Encoding");
	if (parser->head.known[COR_KNOWN_CONTENT_LENGTH])
		return cor_http_refuse(
			&parser->error, 400, "there are both Content-Length and Transfer-Encoding");
	return 0;
}

int cor_framing_finish(struct cor_head_parser *parser)
{
	struct cor_head *head = &parser->head;
	uint8_t host_field = head->known[COR_KNOWN_HOST];
	uint8_t minor_version = parser->http1.minor_version;

	if (head->known[COR_KNOWN_TRANSFER_ENCODING] && check_transfer(parser) < 0)
		return -COR_ESYNTAX;
	if (!host_field && minor_version == 1)
		return cor_http_refuse(&parser->error, 400, "HTTP/1.1 needs a Host");
	if (head->authority.len > 0)
		head->host = head->authority;
	else if (host_field)
		head->host = parser->fields[host_field - 1].value;

	parser->http1.keep_alive = minor_version == 1;
	if (parser->seen)
		take_options(parser);
	return 0;
}

int cor_framing_finish_answer(struct cor_head_parser *parser)
{
	take_options(parser);
	return parser->head.known[COR_KNOWN_TRANSFER_ENCODING] ? check_transfer(parser) : 0;
}

static bool equals(struct cor_str text, struct cor_str other)
{
	return text.len == other.len && strncasecmp(text.data, other.data, other.len) == 0;
}

bool cor_framing_alias(struct cor_str name)
{
	return equals(name, COR_STR("content_length")) ||
	       equals(name, COR_STR("transfer_encoding"));
}
