/* SPDX-License-Identifier: MIT */
#include "http/head_parser.h"

#include "base/compiler.h"
#include "base/words.h"
#include "http/chars.h"
#include "http/fold.h"
#include "http/framing.h"
#include "http/request_line.h"
#include "http/scan.h"

#define LINE_BYTES_DEFAULT 8192
#define LINE_BYTES_MAX     16384
#define BLOCK_BYTES_MAX    32768

/* More than any head can have: nothing beyond is looked at, and every offset fits. */
#define HEAD_BYTES_MAX (2 + LINE_BYTES_MAX + 2 + BLOCK_BYTES_MAX + 2)
_Static_assert(HEAD_BYTES_MAX <= UINT16_MAX, "offsets are 16 bits");

/* How much is searched for the end of a common head when something follows it. */
#define COMMON_BYTES 2048

enum {
	STATE_BEGIN, /* nothing seen */
	STATE_BLANK, /* an empty line seen */
	STATE_REQUEST_LINE,
	STATE_FIELDS,
	STATE_DONE,
	STATE_FAILED,
};

static uint16_t limit(uint32_t wanted, uint16_t otherwise, uint16_t most)
{
	if (wanted == 0)
		return otherwise;
	return wanted < most ? (uint16_t)wanted : most;
}

/* Nobody reads the array of fields beyond fields_len: its 800 bytes need no clearing. */
void cor_head_parser_reset(struct cor_head_parser *parser)
{
	memset(&parser->head, 0, sizeof parser->head);
	memset(&parser->http1, 0, sizeof parser->http1);
	parser->state = STATE_BEGIN;
	parser->seen = 0;
	parser->line = parser->scanned = 0;
}

static inline uint16_t least(uint16_t a, uint16_t b)
{
	return a < b ? a : b;
}

void cor_head_parser_init(struct cor_head_parser *parser, const struct cor_head_limits *limits)
{
	static const struct cor_head_limits none;

	if (!limits)
		limits = &none;
	cor_head_parser_reset(parser);
	parser->last_host_len = 0;
	parser->request_line_bytes = limit(
		limits->request_line_bytes, LINE_BYTES_DEFAULT, LINE_BYTES_MAX);
	parser->header_line_bytes = limit(
		limits->header_line_bytes, LINE_BYTES_DEFAULT, LINE_BYTES_MAX);
	parser->header_block_bytes = limit(
		limits->header_block_bytes, BLOCK_BYTES_MAX, BLOCK_BYTES_MAX);
	parser->header_count = (uint8_t)limit(
		limits->header_count, COR_HEAD_FIELDS_MAX, COR_HEAD_FIELDS_MAX);
	parser->common_bytes = least(parser->header_block_bytes,
		least(parser->request_line_bytes, parser->header_line_bytes));
}

static int refuse(struct cor_head_parser *parser, uint16_t status, const char *reason)
{
	return cor_http_refuse(&parser->error, status, reason);
}

/*
 * The line is longer than line_max, or than what is left of the block with its CRLF: the lesser of
 * the two.
 */
static int refuse_length(struct cor_head_parser *parser)
{
	if (parser->state != STATE_FIELDS)
		return refuse(parser, 414, "the request line is too long");
	if (parser->block_end < parser->line + 2 + parser->line_max)
		return refuse(parser, 431, "the header lines together are too long");
	return refuse(parser, 431, "a header line is too long");
}

/* No line may have that byte in it. */
static int refuse_control(struct cor_head_parser *parser, char byte)
{
	if (byte == '\n')
		return refuse(parser, 400, "a line ends in LF without CR");
	if (byte == '\r')
		return refuse(parser, 400, "a CR is not followed by LF");
	return refuse(parser, 400, "the head holds a control character");
}

/*
 * Look for the end of the current line. Returns 1 (its CR is at `scanned`, its LF is there too), 0
 * (more is needed) or the error. The length is checked before anything else, complete or not, so
 * that any split of the input gives the same answer. Inlined: that is a third of its cost.
 */
__attribute__((always_inline)) static inline int find_line_end(
	struct cor_head_parser *parser, const char *bytes, const char *end)
{
	const char *line = bytes + parser->line;
	const char *stop = cor_scan_line(bytes, bytes + parser->scanned, end);
	size_t len = (size_t)(stop - line);

	parser->scanned = (uint32_t)(stop - bytes);
	if (len > parser->line_max || (parser->scanned + 2 > parser->block_end && len > 0))
		return refuse_length(parser);
	if (end - stop >= 2 && stop[0] == '\r' && stop[1] == '\n')
		return 1;
	if (stop == end || (*stop == '\r' && stop + 1 == end))
		return 0;
	return refuse_control(parser, *stop);
}

static void begin_first_line(struct cor_head_parser *parser)
{
	parser->line_max = parser->request_line_bytes;
	parser->block_end = UINT32_MAX;
	parser->state = STATE_REQUEST_LINE;
}

/* RFC 9112 section 2.2: skip one empty line before the request. */
static int begin(struct cor_head_parser *parser, const char *bytes, const char *end)
{
	if (parser->state == STATE_BEGIN && bytes != end && *bytes == '\r') {
		if (bytes + 1 == end)
			return 0;
		if (bytes[1] != '\n')
			return refuse(parser, 400, "a CR is not followed by LF");
		parser->line = parser->scanned = 2;
		parser->state = STATE_BLANK;
	}
	if (bytes + parser->line == end)
		return 0;
	/* now: a TLS client would wait for ever for its line to end */
	if (!cor_char_is(bytes[parser->line], COR_CHAR_TOKEN))
		return refuse(parser, 400, "this is not an HTTP request");
	begin_first_line(parser);
	return 1;
}

void cor_head_first_line_done(struct cor_head_parser *parser)
{
	parser->line = parser->scanned += 2;
	parser->line_max = parser->header_line_bytes;
	parser->block_end = parser->line + parser->header_block_bytes;
	parser->state = STATE_FIELDS;
}

static int request_line(struct cor_head_parser *parser, const char *bytes, const char *end)
{
	int rc = find_line_end(parser, bytes, end);

	if (rc <= 0)
		return rc;
	rc = cor_request_line_parse(parser, bytes);
	if (rc < 0)
		return rc;
	cor_head_first_line_done(parser);
	return 1;
}

/* The line is whole: it ends in CR. */
static bool has_colon(const char *at)
{
	while (*at != ':' && *at != '\r')
		at++;
	return *at == ':';
}

/* Why no name and colon begin the line. */
static int refuse_name(struct cor_head_parser *parser, const char *line, const char *stop)
{
	if (stop == line && cor_char_is_blank(*stop))
		return refuse(parser, 400, "a header line is folded or begins with white space");
	if (cor_char_is_blank(*stop) && has_colon(stop))
		return refuse(parser, 400, "white space separates a header's name from its colon");
	if (cor_char_is_blank(*stop))
		return refuse(parser, 400, "a header line has no colon");
	if (*stop == ':')
		return refuse(parser, 400, "a header has no name");
	if (*stop == '\r')
		return refuse(parser, 400, "a header line has no colon");
	return refuse(parser, 400, "a header's name holds a character that names may not have");
}

/* Most often it is one space before the value. */
static inline struct cor_span trim(const char *bytes, const char *value, const char *end)
{
	if (*value == ' ')
		value++;
	while (cor_char_is_blank(*value))
		value++;
	while (end > value && cor_char_is_blank(end[-1]))
		end--;
	return (struct cor_span){ (uint16_t)(value - bytes), (uint16_t)(end - value) };
}

/* A header line: where it begins, where its name ends, and where its CR stands. */
struct line {
	const char *begin, *colon, *end;
	enum cor_known known; /* the name */
};

/* Add the field, note it in the table of known names, and let the framing see it. */
static inline int add_field(
	struct cor_head_parser *parser, const char *bytes, const struct line *line)
{
	struct cor_head *head = &parser->head;
	struct cor_str name = { line->begin, (size_t)(line->colon - line->begin) };
	enum cor_known known = line->known;

	if (head->fields_len == parser->header_count)
		return refuse(parser, 431, "there are too many headers");
	struct cor_head_field *field = &parser->fields[head->fields_len++];
	field->name = (struct cor_span){ (uint16_t)(line->begin - bytes), (uint16_t)name.len };
	field->value = trim(bytes, line->colon + 1, line->end);
	if (known == COR_KNOWN_COUNT) {
		if ((name.len == 14 || name.len == 17) && cor_framing_alias(name))
			return refuse(parser, 400,
				"a framing header is spelled with an underscore: use a hyphen");
		return 0;
	}
	if (!head->known[known])
		head->known[known] = head->fields_len;
	else
		head->repeats = true;
	return cor_framing_field(parser, known, cor_span_text(bytes, field->value));
}

/* field-name ":" OWS field-value OWS; the value holds no control but tabs */
static int parse_field(struct cor_head_parser *parser, const char *bytes)
{
	const char *begin = bytes + parser->line;
	const char *colon = cor_chars_skip(begin, COR_CHAR_TOKEN);

	if (parser->head.fields_len < parser->header_count && (colon == begin || *colon != ':'))
		return refuse_name(parser, begin, colon);
	return add_field(parser, bytes,
		&(struct line){ begin, colon, bytes + parser->scanned,
			cor_known_find(begin, (size_t)(colon - begin)) });
}

static int field_lines(struct cor_head_parser *parser, const char *bytes, const char *end)
{
	int rc;

	while ((rc = find_line_end(parser, bytes, end)) > 0 && parser->scanned != parser->line) {
		rc = parse_field(parser, bytes);
		if (rc < 0)
			return rc;
		parser->line = parser->scanned += 2;
	}
	if (rc <= 0)
		return rc;
	parser->line += 2;
	parser->state = STATE_DONE;
	rc = parser->seen & COR_FRAMING_IS_ANSWER ? cor_framing_finish_answer(parser)
						  : cor_framing_finish(parser);
	return rc < 0 ? rc : 1;
}

/* The line holds the first Host, a valid one: the next request most likely has it, too. */
static void remember_host(
	struct cor_head_parser *parser, const char *bytes, const char *line, const char *stop)
{
	size_t len = (size_t)(stop + 2 - line);
	struct cor_span value = parser->fields[parser->head.fields_len - 1].value;

	if (len > sizeof parser->last_host_line)
		return;
	memcpy(parser->last_host_line, line, len);
	parser->last_host_len = (uint8_t)len;
	parser->last_host = (struct cor_span){ (uint16_t)(value.at - (line - bytes)), value.len };
}

/* Whether a Host may stand here and the last one does, to the letter: so it is valid. */
static inline bool stands_last_host(
	const struct cor_head_parser *parser, const char *line, const char *end)
{
	const struct cor_head *head = &parser->head;
	struct cor_str last = { parser->last_host_line, parser->last_host_len };
	struct cor_str here = { line, last.len };

	return !head->known[COR_KNOWN_HOST] && head->fields_len < parser->header_count &&
	       last.len != 0 && (size_t)(end - line) >= last.len && cor_words_same(here, last);
}

/* Add that line as a field. Returns what follows it. */
static inline const char *add_last_host(
	struct cor_head_parser *parser, const char *bytes, const char *line)
{
	struct cor_head *head = &parser->head;
	uint16_t at = (uint16_t)(line - bytes);

	head->host = (struct cor_span){ (uint16_t)(at + parser->last_host.at),
		parser->last_host.len };
	parser->fields[head->fields_len++] = (struct cor_head_field){ { at, 4 }, head->host };
	head->known[COR_KNOWN_HOST] = head->fields_len;
	return line + parser->last_host_len;
}

/*
 * Find the colon behind the name that begins the line; input is there up to `end`. Returns false if
 * there is no name. A known name consists of token characters: it needs no check.
 */
static inline bool find_name(struct line *line, const char *end)
{
	const char *begin = line->begin;
	unsigned len = end - begin >= 16 ? cor_scan_colon(begin) : 16;

	if (len < 16 && begin + len < line->end) {
		line->colon = begin + len;
		line->known = cor_known_find(begin, len);
		if (line->known != COR_KNOWN_COUNT)
			return true;
	}
	line->colon = cor_chars_skip(begin, COR_CHAR_TOKEN);
	if (line->colon == begin || *line->colon != ':')
		return false;
	line->known = cor_known_find(begin, (size_t)(line->colon - begin));
	return true;
}

/* What cor_framing_finish() comes to for a path in HTTP/1.1 without a word on framing. */
static inline int finish_common(struct cor_head_parser *parser)
{
	struct cor_head *head = &parser->head;
	uint8_t host = head->known[COR_KNOWN_HOST];

	if (parser->seen || head->known[COR_KNOWN_TRANSFER_ENCODING] || !host)
		return cor_framing_finish(parser);
	if (head->host.len == 0)
		head->host = parser->fields[host - 1].value;
	parser->http1.keep_alive = true;
	return 0;
}

/*
 * The common case in one go: a head that is whole and shorter than every limit of length. The LF
 * before `end` stops every search, so no line needs a search for its end first. Whatever is less
 * common goes to the other functions, from its beginning: nothing is decided here that they would
 * decide otherwise.
 */
static COR_OUT_OF_LINE bool parse_common(
	struct cor_head_parser *parser, const char *bytes, const char *end)
{
	const char *at = cor_request_line_common(parser, bytes, end);

	if (!at)
		return false;
	while (end - at > 2 && *at != '\r') {
		if (COR_LIKELY(stands_last_host(parser, at, end))) {
			at = add_last_host(parser, bytes, at);
			continue;
		}
		struct line line = { .begin = at, .end = cor_scan_line(bytes, at, end) };
		if (line.end[0] != '\r' || line.end[1] != '\n' || !find_name(&line, end) ||
			add_field(parser, bytes, &line) < 0)
			return false;
		if (line.known == COR_KNOWN_HOST)
			remember_host(parser, bytes, at, line.end);
		at = line.end + 2;
	}
	if (end - at < 2 || at[0] != '\r' || at[1] != '\n' ||
		at + 2 - bytes > parser->common_bytes || finish_common(parser) < 0)
		return false;
	parser->line = (uint32_t)(at + 2 - bytes);
	parser->state = STATE_DONE;
	return true;
}

/* What follows the last LF that may belong to a common head; NULL if there is none. */
static inline const char *common_end(
	const struct cor_head_parser *parser, const char *bytes, size_t len)
{
	if (len != 0 && bytes[len - 1] == '\n')
		return bytes + len;
	if (len > parser->common_bytes)
		len = parser->common_bytes;
	if (len > COMMON_BYTES)
		len = COMMON_BYTES;
	const char *last = memrchr(bytes, '\n', len);
	return last ? last + 1 : NULL;
}

/* Any head, step by step. */
static COR_OUT_OF_LINE ssize_t parse_any(
	struct cor_head_parser *parser, const char *bytes, size_t len)
{
	const char *end = bytes + (len < HEAD_BYTES_MAX ? len : HEAD_BYTES_MAX);
	int rc = parser->state == STATE_FAILED ? -COR_ESYNTAX : 1;

	if (parser->state <= STATE_BLANK)
		rc = begin(parser, bytes, end);
	if (rc > 0 && parser->state == STATE_REQUEST_LINE)
		rc = request_line(parser, bytes, end);
	if (rc > 0 && parser->state == STATE_FIELDS)
		rc = field_lines(parser, bytes, end);
	if (rc > 0)
		return (ssize_t)parser->line;
	if (rc < 0)
		parser->state = STATE_FAILED;
	return rc;
}

ssize_t cor_head_parse(struct cor_head_parser *parser, const char *bytes, size_t len)
{
	if (parser->state == STATE_BEGIN) {
		const char *end = common_end(parser, bytes, len);
		if (COR_LIKELY(end && parse_common(parser, bytes, end)))
			return (ssize_t)parser->line;
		cor_head_parser_reset(parser);
	}
	return parse_any(parser, bytes, len);
}

static const char *end_of(const char *bytes, size_t len)
{
	return bytes + (len < HEAD_BYTES_MAX ? len : HEAD_BYTES_MAX);
}

int cor_head_first_line(struct cor_head_parser *parser, const char *bytes, size_t len)
{
	if (parser->state == STATE_BEGIN)
		begin_first_line(parser);
	return find_line_end(parser, bytes, end_of(bytes, len));
}

int cor_head_field_lines(struct cor_head_parser *parser, const char *bytes, size_t len)
{
	return field_lines(parser, bytes, end_of(bytes, len));
}
