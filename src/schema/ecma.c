/* SPDX-License-Identifier: MIT */
#include "schema/ecma.h"

#include <coracle/error.h>

#include "base/utf8.h"
#include "schema/ecma_translator.h"

#define COUNT_MAX 65535 /* PCRE2's */
#define NO_ATOM   SIZE_MAX
#define FEW       16 /* repetitions that take no time to speak of */
#define TRIED     64 /* bytes of what is written that are tried in a unit of work */
#define TRIES_MIN 8  /* units that are counted */

bool cor_ecma_wrong(struct cor_ecma_translator *t, const char *at, const char *text)
{
	if (t->fault->text)
		return false;
	t->fault->text = text;
	t->fault->at = cor_utf8_count((struct cor_str){ t->start, (size_t)(at - t->start) }) + 1;
	return false;
}

bool cor_ecma_unsupported(struct cor_ecma_translator *t, const char *at, const char *text)
{
	if (!t->fault->text)
		t->fault->is_unsupported = true;
	return cor_ecma_wrong(t, at, text);
}

static void put_callout(struct cor_ecma_translator *t, unsigned number)
{
	if (t->ecma->counts)
		cor_buffer_printf(t->buffer, "(?C%u)", number);
}

/* Before an atom that was written from `at` on. */
static void insert_callout(struct cor_ecma_translator *t, size_t at, unsigned number)
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

/*
 * Before what was written from `at` on. All of its alternatives may be tried where it begins, and a
 * long text compared: neither passes over anything. Returns how many bytes have been counted.
 */
static size_t count_choices(struct cor_ecma_translator *t, size_t at, size_t counted)
{
	size_t units = (t->buffer->len - at - counted) / TRIED;
	unsigned n = 0;

	if (units < TRIES_MIN)
		return counted;
	while ((size_t)2 << n <= units)
		n++;
	insert_callout(t, at, COR_ECMA_CHOICES + n);
	return t->buffer->len - at;
}

/* \1: a group that is complete, and whose text no repetition around it can have forgotten. */
static bool take_reference(struct cor_ecma_translator *t, const char *from)
{
	unsigned number = 0;

	while (t->at < t->end && cor_ecma_is_digit(*t->at) && number <= COR_ECMA_GROUPS_MAX)
		number = number * 10 + (unsigned)(*t->at++ - '0');
	if (number > COR_ECMA_GROUPS_MAX || !t->may_refer[number])
		return cor_ecma_unsupported(t, from,
			"a backreference must be to a complete group that is in no other group, and "
			"that takes a character if it is repeated");
	t->scans[t->depth] = true;
	t->ecma->scanners++;
	put_callout(t, number);
	cor_buffer_printf(t->buffer, "(?:\\g{%u})", number);
	return true;
}

/* Returns whether it is well; *ret_repeats: whether a quantifier may follow. */
static bool take_escape(struct cor_ecma_translator *t, bool *ret_repeats)
{
	const char *from = t->at++;
	uint32_t code;

	if (t->at == t->end)
		return cor_ecma_wrong(t, from, "the backslash has nothing behind it");
	if (*t->at == 'b' || *t->at == 'B') {
		cor_buffer_printf(t->buffer, "\\%c", *t->at++);
		*ret_repeats = false;
		return true;
	}
	if (*t->at >= '1' && *t->at <= '9')
		return take_reference(t, from);
	if (*t->at && strchr("dDwWsSpP", *t->at)) {
		cor_ecma_put(t, "[");
		cor_ecma_take_class_letter(t, from);
		cor_ecma_put(t, "]");
		return !t->fault->text;
	}
	if (!cor_ecma_take_escaped(t, from, &code))
		return false;
	cor_ecma_put_code(t, code);
	return true;
}

static bool name_is_new(const struct cor_ecma_translator *t, struct cor_str name)
{
	for (unsigned i = 0; i < t->names_len; i++)
		if (cor_str_equal(t->names[i], name))
			return false;
	return true;
}

/* Behind "(?<": a name. To PCRE2 the group needs none. */
static bool take_name(struct cor_ecma_translator *t, const char *from)
{
	const char *first = t->at;

	while (t->at < t->end && (cor_ecma_is_letter(*t->at) || *t->at == '_' || *t->at == '$' ||
					 (t->at != first && cor_ecma_is_digit(*t->at))))
		t->at++;
	struct cor_str name = { first, (size_t)(t->at - first) };
	if (t->at < t->end && (*t->at == '\\' || (unsigned char)*t->at >= 0x80))
		return cor_ecma_unsupported(
			t, from, "the name of a group is of ASCII letters and digits here");
	if (name.len == 0 || !cor_ecma_pass(t, ">"))
		return cor_ecma_wrong(t, from, "this is not a group of ECMA-262");
	if (!name_is_new(t, name))
		return cor_ecma_wrong(t, from, "another group has this name");
	if (t->names_len == COR_ECMA_GROUPS_MAX)
		return cor_ecma_unsupported(t, from, "more than 99 groups have a name");
	t->names[t->names_len++] = name;
	return true;
}

static bool open_group(struct cor_ecma_translator *t)
{
	static const char *const assertions[] = { "(?=", "(?!", "(?<=", "(?<!" };
	const char *from = t->at;
	const char *written = "(";
	bool is_assertion = false, is_capture = false;

	if (t->depth == COR_ECMA_DEPTH_MAX)
		return cor_ecma_unsupported(t, from, "groups are nested too deep");
	for (size_t i = 0; !is_assertion && i < 4; i++)
		if (cor_ecma_pass(t, assertions[i])) {
			written = assertions[i];
			is_assertion = true;
		}
	if (!is_assertion && cor_ecma_pass(t, "(?:")) {
		written = "(?:";
	} else if (!is_assertion) {
		is_capture = true;
		if (cor_ecma_pass(t, "(?<") ? !take_name(t, from) : !cor_ecma_pass(t, "("))
			return false;
		if (cor_ecma_stands(t, "?") && t->at == from + 1)
			return cor_ecma_wrong(t, from, "this is not a group of ECMA-262");
	}
	cor_ecma_put(t, written);
	put_callout(t, COR_ECMA_PASSED);
	t->opened[t->depth] = t->buffer->len;
	t->is_assertion[t->depth] = is_assertion;
	t->number[t->depth++] = is_capture ? ++t->groups : 0;
	t->counted[t->depth] = 0;
	t->scans[t->depth] = t->takes[t->depth] = t->may_be_empty[t->depth] = false;
	return true;
}

/* Of the group that is closed here: another turn of it can follow. */
static bool is_repeated(const struct cor_ecma_translator *t)
{
	return t->at < t->end && *t->at && strchr("*+{", *t->at);
}

/* Whether the group that was closed last takes a character at least. */
static bool group_takes(const struct cor_ecma_translator *t)
{
	return t->takes[t->depth + 1] && !t->may_be_empty[t->depth + 1];
}

/* In ECMA-262 a turn of a group that takes nothing is no turn, and in PCRE2 it sets the capture. */
static bool may_refer_to(const struct cor_ecma_translator *t, unsigned number)
{
	return t->depth == 0 && number != 0 && number <= COR_ECMA_GROUPS_MAX &&
	       (group_takes(t) || !is_repeated(t));
}

static bool close_group(struct cor_ecma_translator *t, bool *ret_repeats)
{
	if (t->depth == 0)
		return cor_ecma_wrong(t, t->at, "the ) has no ( before it");
	t->at++;
	t->depth--;
	t->counted[t->depth] += count_choices(t, t->opened[t->depth], t->counted[t->depth + 1]);
	cor_ecma_put(t, ")");
	if (t->scans[t->depth + 1]) {
		t->scans[t->depth] = true;
		t->ecma->scans_again |= is_repeated(t);
	}
	*ret_repeats = !t->is_assertion[t->depth];
	unsigned number = t->number[t->depth];
	if (may_refer_to(t, number))
		t->may_refer[number] = true;
	return true;
}

static bool take_number(struct cor_ecma_translator *t, const char *from, uint32_t *ret)
{
	const char *first = t->at;

	*ret = 0;
	for (; t->at < t->end && cor_ecma_is_digit(*t->at); t->at++)
		if ((*ret = *ret * 10 + (uint32_t)(*t->at - '0')) > COUNT_MAX)
			return cor_ecma_unsupported(t, from, "a repetition may count to 65535");
	return t->at != first ||
	       cor_ecma_wrong(t, from, "the { is not the beginning of a repetition: escape it");
}

/* How often an atom is repeated. */
struct counts {
	uint32_t min, max;
};

static bool take_counts(struct cor_ecma_translator *t, struct counts *ret)
{
	const char *from = t->at++;

	if (!take_number(t, from, &ret->min))
		return false;
	ret->max = ret->min;
	cor_buffer_printf(t->buffer, "{%u", ret->min);
	if (cor_ecma_pass(t, ",")) {
		cor_ecma_put(t, ",");
		ret->max = UINT32_MAX;
		if (!cor_ecma_stands(t, "}")) {
			if (!take_number(t, from, &ret->max))
				return false;
			cor_buffer_printf(t->buffer, "%u", ret->max);
		}
	}
	cor_ecma_put(t, "}");
	if (!cor_ecma_pass(t, "}"))
		return cor_ecma_wrong(
			t, from, "the { is not the beginning of a repetition: escape it");
	return ret->max >= ret->min || cor_ecma_wrong(t, from, "the repetition is out of order");
}

/* No other atom is written as a group. */
static bool is_reference(const struct cor_ecma_translator *t, size_t at)
{
	return at < t->buffer->len && t->buffer->data[at] == '(';
}

/* Behind a quantifier of the atom that was written from `at` on. */
static void count_repeats(struct cor_ecma_translator *t, size_t at, const struct counts *counts)
{
	unsigned number = COR_ECMA_PASSED;
	bool is_text = is_reference(t, at);

	if (counts->min > FEW || is_text)
		number = COR_ECMA_AT_LEAST;
	while (number >= COR_ECMA_AT_LEAST && number < COR_ECMA_REST &&
		(is_text || 1u << (number - COR_ECMA_AT_LEAST) < counts->min))
		number++;
	insert_callout(t, at, number);
	put_callout(t, COR_ECMA_PASSED);
}

static bool take_repetition(struct cor_ecma_translator *t, struct counts *ret)
{
	*ret = (struct counts){ *t->at == '+', *t->at == '?' ? 1 : UINT32_MAX };
	if (*t->at != '{')
		cor_buffer_byte(t->buffer, *t->at++);
	else if (!take_counts(t, ret))
		return false;
	if (cor_ecma_pass(t, "?"))
		cor_ecma_put(t, "?");
	return true;
}

static bool quantifier_stands(const struct cor_ecma_translator *t)
{
	return t->at < t->end && *t->at && strchr("*+?{", *t->at);
}

/*
 * After an atom, which was written from `at` on; NO_ATOM: a group, which counts itself. A second
 * quantifier is ECMA-262's error and PCRE2's possessive.
 */
static bool take_quantifier(struct cor_ecma_translator *t, bool repeats, size_t at)
{
	bool takes = at == NO_ATOM ? repeats && group_takes(t) : repeats && !is_reference(t, at);
	struct counts counts = { 1, 1 };

	if (quantifier_stands(t)) {
		if (!repeats)
			return cor_ecma_wrong(t, t->at, "there is nothing to repeat");
		if (!take_repetition(t, &counts))
			return false;
		if (quantifier_stands(t))
			return cor_ecma_wrong(t, t->at, "there is nothing to repeat");
		if (at != NO_ATOM && cor_buffer_error(t->buffer) == 0)
			count_repeats(t, at, &counts);
	}
	if (takes && counts.min != 0)
		t->takes[t->depth] = true;
	if (counts.max > FEW) {
		t->scans[t->depth] = true;
		t->ecma->scanners++;
	} else if (counts.max > 1) {
		t->ecma->repeats++;
	}
	return true;
}

static void begin_alternative(struct cor_ecma_translator *t)
{
	t->may_be_empty[t->depth] |= !t->takes[t->depth];
	t->takes[t->depth] = false;
}

static bool take_term(struct cor_ecma_translator *t)
{
	size_t at = t->buffer->len;
	bool repeats = true;

	switch (*t->at) {
	case '(':
		return open_group(t);
	case ')':
		return close_group(t, &repeats) && take_quantifier(t, repeats, NO_ATOM);
	case '|':
	case '^':
	case '$':
		if (*t->at == '|')
			begin_alternative(t);
		cor_buffer_byte(t->buffer, *t->at++);
		return take_quantifier(t, false, NO_ATOM);
	case '.':
		t->at++;
		cor_ecma_put(t, "[^\\x{a}\\x{d}\\x{2028}\\x{2029}]");
		break;
	case '[':
		if (!cor_ecma_take_class(t))
			return false;
		break;
	case '\\':
		if (!take_escape(t, &repeats))
			return false;
		break;
	case '*':
	case '+':
	case '?':
		return cor_ecma_wrong(t, t->at, "there is nothing to repeat");
	case '{':
	case '}':
	case ']':
		return cor_ecma_wrong(t, t->at, "{, } and ] need a backslash before them");
	default:
		cor_ecma_put_code(t, cor_ecma_take_character(t));
		break;
	}
	return take_quantifier(t, repeats, at);
}

int cor_ecma_translate(struct cor_str pattern, struct cor_ecma *ecma, struct cor_buffer *buffer,
	struct cor_ecma_fault *ret_fault)
{
	const char *start = pattern.data ? pattern.data : "";
	struct cor_ecma_translator t = {
		.start = start,
		.at = start,
		.end = start + pattern.len,
		.buffer = buffer,
		.ecma = ecma,
		.fault = ret_fault,
	};

	*ret_fault = (struct cor_ecma_fault){ 0 };
	*ecma = (struct cor_ecma){ .counts = ecma->counts };
	put_callout(&t, COR_ECMA_PASSED);
	if (!cor_utf8_valid(pattern))
		cor_ecma_wrong(&t, start, "it is not UTF-8");
	while (!ret_fault->text && t.at < t.end) {
		bool opens = *t.at == '(';
		if (!take_term(&t))
			break;
		if (opens && quantifier_stands(&t))
			cor_ecma_wrong(&t, t.at, "there is nothing to repeat");
	}
	if (!ret_fault->text)
		(void)count_choices(&t, 0, t.counted[0]);
	ecma->scans = t.scans[0];
	ecma->written = buffer->len;
	if (!ret_fault->text && t.depth != 0)
		cor_ecma_wrong(&t, t.end, "a ( is not closed");
	return ret_fault->text ? -COR_EINVALID : cor_buffer_error(buffer);
}
