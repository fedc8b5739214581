/* SPDX-License-Identifier: MIT */
#include "observe/line.h"

#include "base/number.h"
#include "base/utf8.h"

#define CUT COR_STR("...")

static const char digits[] = "0123456789abcdef";

/*
 * Bytes that are written as they are, a bit for each escape: all of 0x20 to 0x7e but \\, and " and
 * the blank at times.
 */
#define BIT(escape) (1u << (escape))
#define EVERY                                                                                      \
	(BIT(COR_ESCAPE_JSON) | BIT(COR_ESCAPE_MESSAGE) | BIT(COR_ESCAPE_QUOTED) |                 \
		BIT(COR_ESCAPE_WORD))
static const unsigned char plain_for[256] = {
	[' '] = EVERY & ~BIT(COR_ESCAPE_WORD),
	['!'] = EVERY,
	['"'] = BIT(COR_ESCAPE_MESSAGE),
	['#' ... '['] = EVERY,
	[']' ... '~'] = EVERY,
};

static size_t put_hex(char *out, const char *mark, unsigned value, int nibbles)
{
	size_t len = strlen(mark);

	memcpy(out, mark, len);
	while (nibbles-- > 0)
		out[len++] = digits[value >> 4 * nibbles & 15];
	return len;
}

static uint32_t decode(const char *at, unsigned len)
{
	uint32_t code = (unsigned char)at[0] & (0x7fu >> len);

	for (unsigned i = 1; i < len; i++)
		code = code << 6 | ((unsigned char)at[i] & 0x3f);
	return code;
}

static size_t put_code_point(char *out, uint32_t code)
{
	if (code < 0x10000)
		return put_hex(out, "\\u", code, 4);
	code -= 0x10000;
	size_t len = put_hex(out, "\\u", 0xd800 + (code >> 10), 4);
	return len + put_hex(out + len, "\\u", 0xdc00 + (code & 0x3ff), 4);
}

/*
 * What the text's next character becomes, at most 12 bytes; *ret_taken is how much of the text it
 * was.
 */
static size_t put_json(char *out, struct cor_str text, size_t *ret_taken)
{
	static const char short_names[] = "\bb\ff\nn\rr\tt\"\"\\\\";
	unsigned char c = (unsigned char)text.data[0];

	*ret_taken = 1;
	for (size_t i = 0; i + 1 < sizeof short_names; i += 2) {
		if (short_names[i] != text.data[0])
			continue;
		out[0] = '\\';
		out[1] = short_names[i + 1];
		return 2;
	}
	if (c < 0x80)
		return put_hex(out, "\\u", c, 4);
	unsigned len = cor_utf8_sequence(text.data, text.data + text.len);
	if (len == 0)
		return put_hex(out, "\\\\x", c, 2);
	*ret_taken = len;
	return put_code_point(out, decode(text.data, len));
}

static size_t put_escaped(char *out, enum cor_escape escape, struct cor_str text, size_t *ret_taken)
{
	if (escape == COR_ESCAPE_JSON)
		return put_json(out, text, ret_taken);
	*ret_taken = 1;
	if (text.data[0] != '\\' && text.data[0] != '"')
		return put_hex(out, "\\x", (unsigned char)text.data[0], 2);
	out[0] = '\\';
	out[1] = text.data[0];
	return 2;
}

#define ONES         0x0101010101010101u
#define HIGHS        0x8080808080808080u
#define ANY_IS(c)    (((word ^ ONES * (c)) - ONES) & ~(word ^ ONES * (c)))
#define ANY_BELOW(c) ((word - ONES * (c)) & ~word)

/*
 * Whether eight bytes are plain whatever the escape; a byte behind one that is not may spoil it
 * too.
 */
static bool is_plain_everywhere(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return ((word | ANY_BELOW(0x21) | ANY_IS(0x7f) | ANY_IS('"') | ANY_IS('\\')) & HIGHS) == 0;
}

static size_t plain_prefix(enum cor_escape escape, struct cor_str text)
{
	size_t len = 0;

	while (text.len - len >= 8 && is_plain_everywhere(text.data + len))
		len += 8;
	while (len < text.len && plain_for[(unsigned char)text.data[len]] & BIT(escape))
		len++;
	return len;
}

/* The end of what fits, where a text of `room` bytes has to be cut: escapes stay whole. */
static void cut(struct cor_line *line, struct cor_str text, size_t room)
{
	size_t len = room > CUT.len ? room - CUT.len : 0;

	cor_line_str(line, (struct cor_str){ text.data, len < text.len ? len : text.len });
	cor_line_str(line, CUT);
}

bool cor_line_text(struct cor_line *line, enum cor_escape escape, struct cor_str text, size_t max)
{
	char out[16];

	while (text.len != 0) {
		size_t taken = plain_prefix(escape, text);
		struct cor_str next = { text.data, taken };
		if (taken == 0) {
			next.len = put_escaped(out, escape, text, &taken);
			next.data = out;
		}
		bool last = taken == text.len;
		if (next.len + (last ? 0 : CUT.len) > max) {
			cut(line, next.data == out ? (struct cor_str){ out, 0 } : next, max);
			return false;
		}
		cor_line_str(line, next);
		max -= next.len;
		text.data += taken;
		text.len -= taken;
	}
	return true;
}

void cor_line_number(struct cor_line *line, uint64_t value)
{
	char text[COR_NUMBER_BYTES];

	cor_line_str(line, (struct cor_str){ text, cor_number_print_uint64(value, text) });
}

void cor_line_milliseconds(struct cor_line *line, int64_t ns)
{
	uint64_t us = ns > 0 ? (uint64_t)ns / 1000 : 0;
	char fraction[4] = { '.', (char)('0' + us / 100 % 10), (char)('0' + us / 10 % 10),
		(char)('0' + us % 10) };

	cor_line_number(line, us / 1000);
	cor_line_str(line, (struct cor_str){ fraction, sizeof fraction });
}
