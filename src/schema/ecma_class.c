/* SPDX-License-Identifier: MIT */
/* Characters, escapes and classes. */
#include "base/utf8.h"
#include "schema/ecma_property.h"
#include "schema/ecma_translator.h"

/* ECMA-262 22.2.2.9, WhiteSpace and LineTerminator; and everything else. */
#define BLANKS                                                                                     \
	"\\x{9}-\\x{d} \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}"    \
	"\\x{3000}\\x{feff}"
#define NO_BLANKS                                                                                  \
	"\\x{0}-\\x{8}\\x{e}-\\x{1f}!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}"                 \
	"\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}"             \
	"\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}"

void cor_ecma_put_code(struct cor_ecma_translator *t, uint32_t code)
{
	cor_buffer_printf(t->buffer, "\\x{%x}", code);
}

uint32_t cor_ecma_take_character(struct cor_ecma_translator *t)
{
	const unsigned char *c = (const unsigned char *)t->at;
	size_t len = cor_utf8_sequence(t->at, t->end);
	uint32_t code = c[0];

	if (len > 1)
		code = c[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++)
		code = code << 6 | (c[i] & 0x3fu);
	t->at += len ? len : 1;
	return code;
}

static int hex_of(char c)
{
	if (cor_ecma_is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Exactly so many digits; false leaves the place as it was. */
static bool take_hex(struct cor_ecma_translator *t, unsigned digits, uint32_t *ret)
{
	uint32_t value = 0;

	if ((size_t)(t->end - t->at) < digits)
		return false;
	for (unsigned i = 0; i < digits; i++) {
		int digit = hex_of(t->at[i]);
		if (digit < 0)
			return false;
		value = value << 4 | (uint32_t)digit;
	}
	t->at += digits;
	*ret = value;
	return true;
}

static bool take_braced(struct cor_ecma_translator *t, uint32_t *ret)
{
	uint32_t value = 0;
	const char *first = ++t->at;

	for (; t->at < t->end && hex_of(*t->at) >= 0 && value <= 0x10ffff; t->at++)
		value = value << 4 | (uint32_t)hex_of(*t->at);
	*ret = value;
	return t->at != first && cor_ecma_pass(t, "}") && value <= 0x10ffff;
}

/* Behind \u: four digits, a pair of them that is one character, or {digits}. */
static bool take_unicode(struct cor_ecma_translator *t, const char *from, uint32_t *ret)
{
	uint32_t low;

	if (cor_ecma_stands(t, "{") ? !take_braced(t, ret) : !take_hex(t, 4, ret))
		return cor_ecma_wrong(
			t, from, "\\u needs four hexadecimal digits, or up to 10FFFF in braces");
	if (*ret >= 0xd800 && *ret < 0xdc00 && cor_ecma_pass(t, "\\u")) {
		if (!take_hex(t, 4, &low) || low < 0xdc00 || low > 0xdfff)
			return cor_ecma_unsupported(
				t, from, "half of a surrogate pair is in no UTF-8 text");
		*ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
	}
	if (*ret >= 0xd800 && *ret <= 0xdfff)
		return cor_ecma_unsupported(
			t, from, "half of a surrogate pair is in no UTF-8 text");
	return true;
}

bool cor_ecma_take_escaped(struct cor_ecma_translator *t, const char *from, uint32_t *ret)
{
	static const char names[] = "tnvfr", codes[] = "\t\n\v\f\r";
	char c = *t->at++;
	const char *name = c ? strchr(names, c) : NULL;

	if (name) {
		*ret = (uint32_t)codes[name - names];
	} else if (c == '0') {
		*ret = 0;
		if (t->at < t->end && cor_ecma_is_digit(*t->at))
			return cor_ecma_wrong(
				t, from, "\\0 with a digit behind it is not ECMA-262: use \\x");
	} else if (c == 'c') {
		if (t->at == t->end || !cor_ecma_is_letter(*t->at))
			return cor_ecma_wrong(t, from, "\\c needs a letter");
		*ret = (uint32_t)*t->at++ & 31;
	} else if (c == 'x') {
		if (!take_hex(t, 2, ret))
			return cor_ecma_wrong(t, from, "\\x needs two hexadecimal digits");
	} else if (c == 'u') {
		return take_unicode(t, from, ret);
	} else if (c && strchr("^$\\.*+?()[]{}|/", c)) {
		*ret = (uint32_t)c;
	} else if (c == 'k') {
		return cor_ecma_unsupported(
			t, from, "write a backreference with the number of its group");
	} else {
		return cor_ecma_wrong(
			t, from, "this escape is not one of ECMA-262's (with the u flag)");
	}
	return true;
}

/* \p{...} and \P{...}. */
static bool take_property(struct cor_ecma_translator *t, const char *from)
{
	char letter = *t->at++;
	const char *close = t->at < t->end ? memchr(t->at, '}', (size_t)(t->end - t->at)) : NULL;

	if (!close || *t->at != '{')
		return cor_ecma_wrong(t, from, "\\p needs the name of a property in braces");
	struct cor_str name = { t->at + 1, (size_t)(close - t->at - 1) };
	cor_buffer_printf(t->buffer, "\\%c{", letter);
	if (!cor_ecma_property(name, t->buffer))
		return cor_ecma_unsupported(
			t, from, "ECMA-262 and PCRE2 do not both have a property of this name");
	cor_ecma_put(t, "}");
	t->at = close + 1;
	return true;
}

bool cor_ecma_take_class_letter(struct cor_ecma_translator *t, const char *from)
{
	char c = *t->at;

	if (c == 'p' || c == 'P') {
		take_property(t, from);
		return true;
	}
	if (!c || !strchr("dDwWsS", c))
		return false;
	t->at++;
	if (c == 's' || c == 'S')
		cor_ecma_put(t, c == 's' ? BLANKS : NO_BLANKS);
	else
		cor_buffer_printf(t->buffer, "\\%c", c);
	return true;
}

/*
 * One end of a range, or what stands alone. *ret_set: a class by a letter, which has been written.
 */
static bool take_class_atom(struct cor_ecma_translator *t, uint32_t *ret, bool *ret_set)
{
	const char *from = t->at;

	*ret = 0;
	*ret_set = false;
	if (*t->at != '\\') {
		*ret = cor_ecma_take_character(t);
		return true;
	}
	if (++t->at == t->end)
		return cor_ecma_wrong(t, from, "the backslash has nothing behind it");
	*ret_set = cor_ecma_take_class_letter(t, from);
	if (*ret_set)
		return !t->fault->text;
	if (cor_ecma_pass(t, "b"))
		*ret = 8;
	else if (cor_ecma_pass(t, "-"))
		*ret = '-';
	else
		return cor_ecma_take_escaped(t, from, ret);
	return true;
}

/* What follows an atom of a class: the end of a range, or nothing. */
static bool take_range_end(
	struct cor_ecma_translator *t, const char *from, uint32_t first, bool is_set)
{
	uint32_t last;
	bool last_is_set;
	bool is_range = cor_ecma_stands(t, "-") && t->end - t->at > 1 && t->at[1] != ']';

	if (!is_set)
		cor_ecma_put_code(t, first);
	if (!is_range)
		return true;
	t->at++;
	if (is_set)
		return cor_ecma_wrong(t, from, "a class such as \\w cannot be the end of a range");
	cor_ecma_put(t, "-");
	if (!take_class_atom(t, &last, &last_is_set))
		return false;
	if (last_is_set)
		return cor_ecma_wrong(t, from, "a class such as \\w cannot be the end of a range");
	cor_ecma_put_code(t, last);
	return last >= first || cor_ecma_wrong(t, from, "the range is out of order");
}

bool cor_ecma_take_class(struct cor_ecma_translator *t)
{
	const char *open = t->at++;

	cor_ecma_put(t, "[");
	if (cor_ecma_pass(t, "^"))
		cor_ecma_put(t, "^");
	while (t->at < t->end && *t->at != ']') {
		const char *from = t->at;
		uint32_t first = 0;
		bool is_set;
		if (!take_class_atom(t, &first, &is_set) || !take_range_end(t, from, first, is_set))
			return false;
	}
	cor_ecma_put(t, "]");
	return cor_ecma_pass(t, "]") || cor_ecma_wrong(t, open, "the [ is not closed");
}
