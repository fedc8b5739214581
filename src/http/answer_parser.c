/* SPDX-License-Identifier: MIT */
#include "http/answer_parser.h"

#include <string.h>

#include "http/chars.h"
#include "http/framing.h"

/* "HTTP/1.1 200" */
#define VERSION         "HTTP/1."
#define MINOR_AT        (sizeof VERSION - 1)
#define STATUS_AT       (MINOR_AT + 2)
#define STATUS_LINE_MIN (STATUS_AT + 3)

/* private states of this parser, in lines.seen beside what framing.c keeps there */
#define LINE_DONE 32

void cor_answer_parser_reset(struct cor_answer_parser *parser)
{
	cor_head_parser_reset(&parser->lines);
	parser->lines.seen = COR_FRAMING_IS_ANSWER;
}

void cor_answer_parser_init(struct cor_answer_parser *parser, enum cor_answer_to to)
{
	cor_head_parser_init(&parser->lines, NULL);
	parser->to = (uint8_t)to;
	cor_answer_parser_reset(parser);
}

static int refuse(struct cor_answer_parser *parser, const char *reason)
{
	return cor_http_refuse(&parser->lines.error, 400, reason);
}

/* As early as it can be told: what is no HTTP may never send the end of a line. */
static int check_version(struct cor_answer_parser *parser, const char *bytes, size_t len)
{
	size_t seen = len < MINOR_AT ? len : MINOR_AT;

	if (memcmp(bytes, VERSION, seen) != 0)
		return refuse(parser, "this is not an answer of HTTP/1");
	return 0;
}

/* status-line = HTTP-version SP status-code SP [ reason-phrase ] (RFC 9112 section 4) */
static int status_line(struct cor_answer_parser *parser, const char *line, size_t len)
{
	unsigned status = 0;

	if (len < STATUS_LINE_MIN || !cor_char_is(line[MINOR_AT], COR_CHAR_DIGIT) ||
		line[MINOR_AT + 1] != ' ' ||
		(len > STATUS_LINE_MIN && line[STATUS_LINE_MIN] != ' '))
		return refuse(parser, "the status line is malformed");
	for (size_t i = STATUS_AT; i < STATUS_LINE_MIN; i++) {
		if (!cor_char_is(line[i], COR_CHAR_DIGIT))
			return refuse(parser, "the status line is malformed");
		status = status * 10 + (unsigned)(line[i] - '0');
	}
	if (status < 100 || status > 599)
		return refuse(parser, "the status is not one of 100 to 599");
	if (status == 101)
		return refuse(parser, "the answer switches protocols, which nobody asked for");
	parser->status = (uint16_t)status;
	parser->lines.http1.minor_version = line[MINOR_AT] != '0'; /* RFC 9110 section 2.5 */
	return 0;
}

static int first_line(struct cor_answer_parser *parser, const char *bytes, size_t len)
{
	struct cor_head_parser *lines = &parser->lines;
	int rc = check_version(parser, bytes, len);

	if (rc == 0)
		rc = cor_head_first_line(lines, bytes, len);
	if (rc < 0 && lines->error.status == 414)
		lines->error.reason = "the status line is too long";
	if (rc <= 0)
		return rc;
	rc = status_line(parser, bytes, lines->scanned);
	if (rc < 0)
		return rc;
	cor_head_first_line_done(lines);
	lines->seen |= LINE_DONE;
	return 1;
}

/* RFC 9112 section 6.3 */
static enum cor_answer_body body_of(const struct cor_answer_parser *parser)
{
	const struct cor_head *head = &parser->lines.head;

	if (parser->to == COR_ANSWER_TO_HEAD || parser->status < 200 || parser->status == 204 ||
		parser->status == 304)
		return COR_ANSWER_EMPTY;
	if (head->known[COR_KNOWN_TRANSFER_ENCODING])
		return COR_ANSWER_CHUNKED;
	if (!head->known[COR_KNOWN_CONTENT_LENGTH])
		return COR_ANSWER_UNTIL_CLOSE;
	return head->content_length == 0 ? COR_ANSWER_EMPTY : COR_ANSWER_LENGTH;
}

/*
 * An answer that has no body speaks of one, which RFC 9110 section 8.6 and RFC 9112 section 6.1
 * forbid: such a server may send it, too, and then it would be the answer to the next request.
 */
static bool may_send_more(const struct cor_answer_parser *parser)
{
	const struct cor_head *head = &parser->lines.head;
	bool is_chunked = head->known[COR_KNOWN_TRANSFER_ENCODING] != 0;

	if (parser->to == COR_ANSWER_TO_HEAD)
		return false;
	return parser->status == 204 ? is_chunked || head->content_length > 0
				     : parser->status == 304 && is_chunked;
}

static void finish(struct cor_answer_parser *parser)
{
	parser->body = (uint8_t)body_of(parser);
	parser->keep_alive = parser->lines.http1.keep_alive &&
			     parser->body != COR_ANSWER_UNTIL_CLOSE && !may_send_more(parser);
	parser->body_bytes = -1;
	if (parser->body == COR_ANSWER_LENGTH)
		parser->body_bytes = parser->lines.head.content_length;
	else if (parser->body == COR_ANSWER_EMPTY)
		parser->body_bytes = 0;
}

ssize_t cor_answer_parse(struct cor_answer_parser *parser, const char *bytes, size_t len)
{
	int rc = 1;

	if (len == 0)
		return 0;
	if (!(parser->lines.seen & LINE_DONE))
		rc = first_line(parser, bytes, len);
	if (rc > 0)
		rc = cor_head_field_lines(&parser->lines, bytes, len);
	if (rc <= 0)
		return rc;
	finish(parser);
	return (ssize_t)parser->lines.line;
}
