/* SPDX-License-Identifier: MIT */
#include "schema/ecma.h"

#include <string.h>

#include <coracle/error.h>

#include "base/utf8.h"
#include "schema/ecma_property.h"

#define GROUPS_MAX 99    /* that may be referred to by number */
#define DEPTH_MAX  32    /* of groups inside one another */
#define COUNT_MAX  65535 /* PCRE2's */
#define NO_ATOM    SIZE_MAX
#define FEW        16 /* repetitions that take no time to speak of */

/* ECMA-262 22.2.2.9, WhiteSpace and LineTerminator; and everything else. */
#define BLANKS                                                                                     \
	"\\x{9}-\\x{d} \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}"    \
	"\\x{3000}\\x{feff}"
#define NO_BLANKS                                                                                  \
	"\\x{0}-\\x{8}\\x{e}-\\x{1f}!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}"                 \
	"\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}"             \
	"\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}"

struct translator {
	const char *start, *at, *end;
	struct cor_buffer *buffer;
	struct cor_ecma *ecma;
	struct cor_ecma_fault *fault;
	unsigned depth;
	bool is_assertion[DEPTH_MAX]; /* of the groups that are open: takes no quantifier */
	unsigned number[DEPTH_MAX];   /* and which capture it is; 0: none */
	bool scans[DEPTH_MAX + 1];    /* what stands in each of them, so far; 0: in none */
	unsigned groups;              /* captures so far */
	bool may_refer[GROUPS_MAX + 1];
};

/* Say what is wrong at `at`. Always false. */
static bool wrong(struct translator *t, const char *at, const char *text)
{
	if (t->fault->text)
		return false;
	t->fault->text = text;
	t->fault->at = cor_utf8_count((struct cor_str){ t->start, (size_t)(at - t->start) }) + 1;
	return false;
}

static bool stands(const struct translator *t, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(t->end - t->at) >= len && memcmp(t->at, text, len) == 0;
}

static bool pass(struct translator *t, const char *text)
{
	bool here = stands(t, text);

	if (here)
		t->at += strlen(text);
	return here;
}

static void put(struct translator *t, const char *text)
{
	cor_buffer_append_str(t->buffer, cor_str(text));
}

static void put_callout(struct translator *t, unsigned number)
{
	if (t->ecma->counts)
		cor_buffer_printf(t->buffer, "(?C%u)", number);
}

/* Before an atom that was written from `at` on. */
static void insert_callout(struct translator *t, size_t at, unsigned number)
{
	size_t atom_len = t->buffer->len - at;

	put_callout(t, number);
	size_t len = t->buffer->len - at - atom_len;
	char text[16];
	if (cor_buffer_error(t->buffer) != 0 || len > sizeof text)
		return;
	char *atom = t->buffer->data + at;
	memcpy(text, atom + atom_len, len);
	memmove(atom + len, atom, atom_len);
	memcpy(atom, text, len);
}

/* One character, by its number: no text of it can mean anything else. */
static void put_code(struct translator *t, uint32_t code)
{
	cor_buffer_printf(t->buffer, "\\x{%x}", code);
}

static uint32_t take_character(struct translator *t)
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

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int hex_of(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Exactly so many digits; false leaves the place as it was. */
static bool take_hex(struct translator *t, unsigned digits, uint32_t *ret)
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

static bool take_braced(struct translator *t, uint32_t *ret)
{
	uint32_t value = 0;
	const char *first = ++t->at;

	for (; t->at < t->end && hex_of(*t->at) >= 0 && value <= 0x10ffff; t->at++)
		value = value << 4 | (uint32_t)hex_of(*t->at);
	*ret = value;
	return t->at != first && pass(t, "}") && value <= 0x10ffff;
}

/* Behind \u: four digits, a pair of them that is one character, or {digits}. */
static bool take_unicode(struct translator *t, const char *from, uint32_t *ret)
{
	uint32_t low;

	if (stands(t, "{") ? !take_braced(t, ret) : !take_hex(t, 4, ret))
		return wrong(
			t, from, "\\u needs four hexadecimal digits, or up to 10FFFF in braces");
	if (*ret >= 0xd800 && *ret < 0xdc00 && pass(t, "\\u")) {
		if (!take_hex(t, 4, &low) || low < 0xdc00 || low > 0xdfff)
			return wrong(t, from, "half of a surrogate pair is in no UTF-8 text");
		*ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
	}
	if (*ret >= 0xd800 && *ret <= 0xdfff)
		return wrong(t, from, "half of a surrogate pair is in no UTF-8 text");
	return true;
}

/* CharacterEscape: what stands behind the backslash is one character. */
static bool take_escaped(struct translator *t, const char *from, uint32_t *ret)
{
	static const char names[] = "tnvfr", codes[] = "\t\n\v\f\r";
	char c = *t->at++;
	const char *name = c ? strchr(names, c) : NULL;

	if (name) {
		*ret = (uint32_t)codes[name - names];
	} else if (c == '0') {
		*ret = 0;
		if (t->at < t->end && is_digit(*t->at))
			return wrong(
				t, from, "\\0 with a digit behind it is not ECMA-262: use \\x");
	} else if (c == 'c') {
		if (t->at == t->end || !is_letter(*t->at))
			return wrong(t, from, "\\c needs a letter");
		*ret = (uint32_t)*t->at++ & 31;
	} else if (c == 'x') {
		if (!take_hex(t, 2, ret))
			return wrong(t, from, "\\x needs two hexadecimal digits");
	} else if (c == 'u') {
		return take_unicode(t, from, ret);
	} else if (c && strchr("^$\\.*+?()[]{}|/", c)) {
		*ret = (uint32_t)c;
	} else {
		return wrong(t, from, "this escape is not one of ECMA-262's (with the u flag)");
	}
	return true;
}

/* \p{...} and \P{...}. */
static bool take_property(struct translator *t, const char *from)
{
	char letter = *t->at++;
	const char *close = t->at < t->end ? memchr(t->at, '}', (size_t)(t->end - t->at)) : NULL;

	if (!close || *t->at != '{')
		return wrong(t, from, "\\p needs the name of a property in braces");
	struct cor_str name = { t->at + 1, (size_t)(close - t->at - 1) };
	cor_buffer_printf(t->buffer, "\\%c{", letter);
	if (!cor_ecma_property(name, t->buffer))
		return wrong(
			t, from, "this is not a Unicode property that ECMA-262 and PCRE2 know");
	put(t, "}");
	t->at = close + 1;
	return true;
}

/* A class of characters by a letter, into brackets that are open. False: there is none here. */
static bool take_class_letter(struct translator *t, const char *from)
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
		put(t, c == 's' ? BLANKS : NO_BLANKS);
	else
		cor_buffer_printf(t->buffer, "\\%c", c);
	return true;
}

/*
 * One end of a range, or what stands alone. *ret_set: a class by a letter, which has been written.
 */
static bool take_class_atom(struct translator *t, uint32_t *ret, bool *ret_set)
{
	const char *from = t->at;

	*ret_set = false;
	if (*t->at != '\\') {
		*ret = take_character(t);
		return true;
	}
	if (++t->at == t->end)
		return wrong(t, from, "the backslash has nothing behind it");
	*ret_set = take_class_letter(t, from);
	if (*ret_set)
		return !t->fault->text;
	if (pass(t, "b"))
		*ret = 8;
	else if (pass(t, "-"))
		*ret = '-';
	else
		return take_escaped(t, from, ret);
	return true;
}

/* What follows an atom of a class: the end of a range, or nothing. */
static bool take_range_end(struct translator *t, const char *from, uint32_t first, bool is_set)
{
	uint32_t last;
	bool last_is_set;
	bool is_range = stands(t, "-") && t->end - t->at > 1 && t->at[1] != ']';

	if (!is_set)
		put_code(t, first);
	if (!is_range)
		return true;
	t->at++;
	if (is_set)
		return wrong(t, from, "a class such as \\w cannot be the end of a range");
	put(t, "-");
	if (!take_class_atom(t, &last, &last_is_set))
		return false;
	if (last_is_set)
		return wrong(t, from, "a class such as \\w cannot be the end of a range");
	put_code(t, last);
	return last >= first || wrong(t, from, "the range is out of order");
}

static bool take_class(struct translator *t)
{
	const char *open = t->at++;

	put(t, "[");
	if (pass(t, "^"))
		put(t, "^");
	while (t->at < t->end && *t->at != ']') {
		const char *from = t->at;
		uint32_t first = 0;
		bool is_set;
		if (!take_class_atom(t, &first, &is_set) || !take_range_end(t, from, first, is_set))
			return false;
	}
	put(t, "]");
	return pass(t, "]") || wrong(t, open, "the [ is not closed");
}

/* \1: a group that is complete, and whose text no repetition around it can have forgotten. */
static bool take_reference(struct translator *t, const char *from)
{
	unsigned number = 0;

	while (t->at < t->end && is_digit(*t->at) && number <= GROUPS_MAX)
		number = number * 10 + (unsigned)(*t->at++ - '0');
	if (number > GROUPS_MAX || !t->may_refer[number])
		return wrong(t, from,
			"a backreference must be to a complete group that is in no other group");
	t->scans[t->depth] = true;
	put_callout(t, number);
	cor_buffer_printf(t->buffer, "\\g{%u}", number);
	return true;
}

/* Returns whether it is well; *ret_repeats: whether a quantifier may follow. */
static bool take_escape(struct translator *t, bool *ret_repeats)
{
	const char *from = t->at++;
	uint32_t code;

	if (t->at == t->end)
		return wrong(t, from, "the backslash has nothing behind it");
	if (*t->at == 'b' || *t->at == 'B') {
		cor_buffer_printf(t->buffer, "\\%c", *t->at++);
		*ret_repeats = false;
		return true;
	}
	if (*t->at >= '1' && *t->at <= '9')
		return take_reference(t, from);
	if (*t->at && strchr("dDwWsSpP", *t->at)) {
		put(t, "[");
		take_class_letter(t, from);
		put(t, "]");
		return !t->fault->text;
	}
	if (!take_escaped(t, from, &code))
		return false;
	put_code(t, code);
	return true;
}

/* Behind "(?<": a name. To PCRE2 the group needs none. */
static bool take_name(struct translator *t, const char *from)
{
	const char *first = t->at;

	while (t->at < t->end && (is_letter(*t->at) || *t->at == '_' || *t->at == '$' ||
					 (t->at != first && is_digit(*t->at))))
		t->at++;
	return (t->at != first && pass(t, ">")) ||
	       wrong(t, from,
		       "this is not a group of ECMA-262, or its name is not of letters and digits");
}

static bool open_group(struct translator *t)
{
	static const char *const assertions[] = { "(?=", "(?!", "(?<=", "(?<!" };
	const char *from = t->at;
	const char *written = "(";
	bool is_assertion = false, is_capture = false;

	if (t->depth == DEPTH_MAX)
		return wrong(t, from, "groups are nested too deep");
	for (size_t i = 0; !is_assertion && i < 4; i++)
		if (pass(t, assertions[i])) {
			written = assertions[i];
			is_assertion = true;
		}
	if (!is_assertion && pass(t, "(?:")) {
		written = "(?:";
	} else if (!is_assertion) {
		is_capture = true;
		if (pass(t, "(?<") ? !take_name(t, from) : !pass(t, "("))
			return false;
		if (stands(t, "?") && t->at == from + 1)
			return wrong(t, from, "this is not a group of ECMA-262");
	}
	put(t, written);
	put_callout(t, COR_ECMA_PASSED);
	t->is_assertion[t->depth] = is_assertion;
	t->number[t->depth++] = is_capture ? ++t->groups : 0;
	t->scans[t->depth] = false;
	return true;
}

/* The group that is closed here is repeated. */
static bool is_repeated(const struct translator *t)
{
	return t->at < t->end && *t->at && strchr("*+{", *t->at);
}

static bool close_group(struct translator *t, bool *ret_repeats)
{
	if (t->depth == 0)
		return wrong(t, t->at, "the ) has no ( before it");
	t->at++;
	t->depth--;
	put(t, ")");
	if (t->scans[t->depth + 1]) {
		t->scans[t->depth] = true;
		t->ecma->scans_again |= is_repeated(t);
	}
	*ret_repeats = !t->is_assertion[t->depth];
	unsigned number = t->number[t->depth];
	if (t->depth == 0 && number != 0 && number <= GROUPS_MAX)
		t->may_refer[number] = true;
	return true;
}

static bool take_number(struct translator *t, const char *from, uint32_t *ret)
{
	const char *first = t->at;

	*ret = 0;
	for (; t->at < t->end && is_digit(*t->at); t->at++)
		if ((*ret = *ret * 10 + (uint32_t)(*t->at - '0')) > COUNT_MAX)
			return wrong(t, from, "a repetition may count to 65535");
	return t->at != first ||
	       wrong(t, from, "the { is not the beginning of a repetition: escape it");
}

/* How often an atom is repeated. */
struct counts {
	uint32_t min, max;
};

static bool take_counts(struct translator *t, struct counts *ret)
{
	const char *from = t->at++;

	if (!take_number(t, from, &ret->min))
		return false;
	ret->max = ret->min;
	cor_buffer_printf(t->buffer, "{%u", ret->min);
	if (pass(t, ",")) {
		put(t, ",");
		ret->max = UINT32_MAX;
		if (!stands(t, "}")) {
			if (!take_number(t, from, &ret->max))
				return false;
			cor_buffer_printf(t->buffer, "%u", ret->max);
		}
	}
	put(t, "}");
	if (!pass(t, "}"))
		return wrong(t, from, "the { is not the beginning of a repetition: escape it");
	return ret->max >= ret->min || wrong(t, from, "the repetition is out of order");
}

/* Behind a quantifier of the atom that was written from `at` on. */
static void count_repeats(struct translator *t, size_t at, const struct counts *counts)
{
	unsigned number = COR_ECMA_PASSED;
	bool is_reference = t->buffer->len - at > 3 && memcmp(t->buffer->data + at, "(?C", 3) == 0;

	if (counts->min > FEW || is_reference)
		number = COR_ECMA_AT_LEAST;
	while (number >= COR_ECMA_AT_LEAST && number < COR_ECMA_REST &&
		(is_reference || 1u << (number - COR_ECMA_AT_LEAST) < counts->min))
		number++;
	insert_callout(t, at, number);
	put_callout(t, COR_ECMA_PASSED);
}

/*
 * After an atom, which was written from `at` on; NO_ATOM: a group, which counts itself. A second
 * quantifier is ECMA-262's error and PCRE2's possessive.
 */
static bool take_quantifier(struct translator *t, bool repeats, size_t at)
{
	struct counts counts = { 0, UINT32_MAX };

	if (t->at == t->end || !strchr("*+?{", *t->at) || !*t->at)
		return true;
	if (!repeats)
		return wrong(t, t->at, "there is nothing to repeat");
	if (*t->at == '{') {
		if (!take_counts(t, &counts))
			return false;
	} else {
		counts.min = *t->at == '+';
		counts.max = *t->at == '?' ? 1 : UINT32_MAX;
		cor_buffer_byte(t->buffer, *t->at++);
	}
	if (pass(t, "?"))
		put(t, "?");
	if (t->at < t->end && *t->at && strchr("*+?{", *t->at))
		return wrong(t, t->at, "there is nothing to repeat");
	if (counts.max > FEW)
		t->scans[t->depth] = true;
	if (at != NO_ATOM && cor_buffer_error(t->buffer) == 0)
		count_repeats(t, at, &counts);
	return true;
}

static bool take_term(struct translator *t)
{
	size_t at = t->buffer->len;
	bool repeats = true;

	switch (*t->at) {
	case '(':
		return open_group(t);
	case ')':
		return close_group(t, &repeats) && take_quantifier(t, repeats, NO_ATOM);
	case '^':
	case '$':
	case '|':
		cor_buffer_byte(t->buffer, *t->at++);
		return take_quantifier(t, false, NO_ATOM);
	case '.':
		t->at++;
		put(t, "[^\\x{a}\\x{d}\\x{2028}\\x{2029}]");
		break;
	case '[':
		if (!take_class(t))
			return false;
		break;
	case '\\':
		if (!take_escape(t, &repeats))
			return false;
		break;
	case '*':
	case '+':
	case '?':
		return wrong(t, t->at, "there is nothing to repeat");
	case '{':
	case '}':
	case ']':
		return wrong(t, t->at, "{, } and ] need a backslash before them");
	default:
		put_code(t, take_character(t));
		break;
	}
	return take_quantifier(t, repeats, at);
}

int cor_ecma_translate(struct cor_str pattern, struct cor_ecma *ecma, struct cor_buffer *buffer,
	struct cor_ecma_fault *ret_fault)
{
	const char *start = pattern.data ? pattern.data : "";
	struct translator t = {
		.start = start,
		.at = start,
		.end = start + pattern.len,
		.buffer = buffer,
		.ecma = ecma,
		.fault = ret_fault,
	};

	*ret_fault = (struct cor_ecma_fault){ 0 };
	ecma->scans_again = false;
	put_callout(&t, COR_ECMA_PASSED);
	if (!cor_utf8_valid(pattern))
		wrong(&t, start, "it is not UTF-8");
	while (!ret_fault->text && t.at < t.end) {
		bool opens = *t.at == '(';
		if (!take_term(&t))
			break;
		if (opens && t.at < t.end && strchr("*+?{", *t.at) && *t.at)
			wrong(&t, t.at, "there is nothing to repeat");
	}
	ecma->scans = t.scans[0];
	if (!ret_fault->text && t.depth != 0)
		wrong(&t, t.end, "a ( is not closed");
	return ret_fault->text ? -COR_EINVALID : cor_buffer_error(buffer);
}
