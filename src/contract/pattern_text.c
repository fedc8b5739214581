/* SPDX-License-Identifier: MIT */
#include "contract/pattern_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "contract/format.h"
#include "contract/patterns.h"

/*
 * The pattern is read and written in one go: the first branch, the first character of a class, as
 * few or as many repetitions as wanted. Whether that matches is asked of the library: so what is
 * not understood here does no harm.
 */
struct maker {
	const char *at, *end;
	struct cor_buffer out;
	unsigned repeats; /* more than a quantifier's least */
	unsigned branch;  /* which of several */
	int depth;
};

static void make_branches(struct maker *maker);

static bool is_at(const struct maker *maker, char c)
{
	return maker->at < maker->end && *maker->at == c;
}

/* A character of UTF-8, which may be of several bytes. */
static uint32_t next(struct maker *maker)
{
	uint32_t c = (unsigned char)*maker->at;
	unsigned len = c < 0x80 ? 0 : cor_utf8_sequence(maker->at, maker->end);

	maker->at++;
	if (len == 0)
		return c;
	c &= 0x7fU >> len;
	for (; len > 1; len--)
		c = c << 6 | ((unsigned char)*maker->at++ & 0x3f);
	return c;
}

static void write_character(struct maker *maker, uint32_t c)
{
	char bytes[4];

	cor_buffer_append(&maker->out, bytes, cor_utf8_encode(c, bytes));
}

/* The character that an escape stands for; of a class, one of it. */
static uint32_t escaped(struct maker *maker)
{
	uint32_t c = maker->at < maker->end ? next(maker) : '\\';

	switch (c) {
	case 'd':
		return '1';
	case 'w':
	case 'D':
	case 'S':
		return 'a';
	case 's':
	case 'W':
		return ' ';
	case 't':
		return '\t';
	case 'n':
		return '\n';
	default:
		return c;
	}
}

/* Of a class that excludes: the first character that is not in it. */
static char other_than(const bool *excluded)
{
	static const char tried[] = "abcxyzABC0123456789-_.~ !#$%&*+";

	for (const char *c = tried; *c; c++)
		if (!excluded[(unsigned char)*c])
			return *c;
	return 'a';
}

static void exclude(bool *excluded, uint32_t first, uint32_t last)
{
	for (uint32_t c = first; c <= last && c < 256; c++)
		excluded[c] = true;
}

static uint32_t class_of(struct maker *maker)
{
	bool excluded[256] = { false }, is_negated = is_at(maker, '^'), has_first = false;
	uint32_t first = 'a';

	maker->at += is_negated;
	while (maker->at < maker->end && *maker->at != ']') {
		uint32_t c = next(maker);
		uint32_t from = c == '\\' ? escaped(maker) : c, to = from;
		if (is_at(maker, '-') && maker->at + 1 < maker->end && maker->at[1] != ']') {
			maker->at++;
			c = next(maker);
			to = c == '\\' ? escaped(maker) : c;
		}
		exclude(excluded, from, to);
		if (!has_first)
			first = from == '0' && to == '9' ? '1' : from;
		has_first = true;
	}
	maker->at += maker->at < maker->end;
	return is_negated ? (unsigned char)other_than(excluded) : first;
}

/* How often what stands in front of it is written. */
static unsigned quantifier(struct maker *maker)
{
	unsigned least = 1, most = 1;
	char *end;

	if (is_at(maker, '*') || is_at(maker, '?') || is_at(maker, '+')) {
		char c = *maker->at++;
		least = c == '+';
		most = c == '?' ? 1 : 100000;
	} else if (is_at(maker, '{')) {
		least = (unsigned)strtoul(maker->at + 1, &end, 10);
		most = *end == ',' ? end[1] == '}' ? 100000 : (unsigned)strtoul(end + 1, &end, 10)
				   : least;
		const char *close = memchr(maker->at, '}', (size_t)(maker->end - maker->at));
		maker->at = close ? close + 1 : maker->end;
	} else {
		return 1;
	}
	maker->at += is_at(maker, '?');
	unsigned more = most - least < maker->repeats ? most - least : maker->repeats;
	maker->repeats -= more;
	return least + more;
}

static void pass_group_kind(struct maker *maker, bool *ret_is_written)
{
	*ret_is_written = true;
	if (!is_at(maker, '?'))
		return;
	maker->at++;
	*ret_is_written = is_at(maker, ':');
	maker->at += maker->at < maker->end;
}

static void make_group(struct maker *maker)
{
	struct cor_buffer outer = maker->out;
	bool is_written;

	maker->out = (struct cor_buffer){ 0 };
	pass_group_kind(maker, &is_written);
	maker->depth++;
	make_branches(maker);
	maker->depth--;
	maker->at += is_at(maker, ')');
	struct cor_buffer inner = maker->out;
	maker->out = outer;
	for (unsigned i = quantifier(maker); is_written && i > 0 && maker->out.len < 100000; i--)
		cor_buffer_append(&maker->out, inner.data, inner.len);
	cor_buffer_finish(&inner);
}

static void make_one(struct maker *maker)
{
	uint32_t c = next(maker);

	if (c == '(') {
		make_group(maker);
		return;
	}
	if (c == '^' || c == '$')
		return;
	c = c == '[' ? class_of(maker) : c == '\\' ? escaped(maker) : c == '.' ? 'a' : c;
	for (unsigned i = quantifier(maker); i > 0 && maker->out.len < 100000; i--)
		write_character(maker, c);
}

/* All are read, and one is kept. */
static void make_branches(struct maker *maker)
{
	size_t from = maker->out.len;
	struct maker before = *maker;
	unsigned wanted = maker->depth <= 1 ? maker->branch : 0;

	for (unsigned branch = 0;
		maker->at < maker->end && *maker->at != ')' && maker->depth < 20;) {
		if (*maker->at != '|') {
			make_one(maker);
			continue;
		}
		maker->at++;
		if (branch++ < wanted)
			maker->out.len = from;
		else
			break;
		maker->repeats = before.repeats;
	}
	size_t kept = maker->out.len;
	while (maker->at < maker->end && *maker->at != ')' && maker->depth < 20) {
		if (*maker->at == '|')
			maker->at++;
		else
			make_one(maker);
	}
	maker->out.len = kept < maker->out.len ? kept : maker->out.len;
}

static const char *try(
	struct cor_contract_run *run, struct cor_str pattern, unsigned branch, unsigned repeats)
{
	struct maker maker = { .at = pattern.data,
		.end = pattern.data + pattern.len,
		.repeats = repeats,
		.branch = branch };

	make_branches(&maker);
	const char *text = cor_contract_printf(
		run, "%.*s", (int)maker.out.len, maker.out.data ? maker.out.data : "");
	cor_buffer_finish(&maker.out);
	return cor_contract_matches(run, pattern, cor_str(text)) ? text : NULL;
}

static bool fits(const char *text, size_t least, size_t most)
{
	size_t len = text ? cor_utf8_count(cor_str(text)) : 0;

	return text && len >= least && len <= most;
}

/* Longer, where the pattern says nothing of what stands around it. */
static const char *padded(
	struct cor_contract_run *run, struct cor_str pattern, const char *text, size_t least)
{
	size_t len = cor_utf8_count(cor_str(text));
	char *letters = cor_contract_alloc(run, least > len ? least - len + 1 : 1);

	if (least > len)
		memset(letters, 'a', least - len);
	const char *behind = cor_contract_printf(run, "%s%s", text, letters);
	const char *before = cor_contract_printf(run, "%s%s", letters, text);
	return cor_contract_matches(run, pattern, cor_str(behind))   ? behind
	       : cor_contract_matches(run, pattern, cor_str(before)) ? before
								     : NULL;
}

/* Of a branch: as short as it goes, with more repetitions, with more around it. */
static const char *of_branch(struct cor_contract_run *run, struct cor_str pattern, unsigned branch,
	size_t least, size_t most)
{
	const char *shortest = try(run, pattern, branch, 0);
	size_t len = shortest ? cor_utf8_count(cor_str(shortest)) : 0;

	if (fits(shortest, least, most))
		return shortest;
	const char *text = try(run, pattern, branch, least > len ? (unsigned)(least - len) : 1);
	if (!fits(text, least, most) && shortest)
		text = padded(run, pattern, shortest, least);
	return fits(text, least, most) ? text : NULL;
}

const char *cor_contract_pattern_text(
	struct cor_contract_run *run, struct cor_str pattern, size_t least, size_t most)
{
	const char *known = cor_contract_pattern_sample(pattern);

	if (fits(known, least, most))
		return known;
	for (unsigned branch = 0; branch < 4; branch++) {
		const char *text = of_branch(run, pattern, branch, least, most);
		if (text)
			return text;
	}
	return NULL;
}

const char *cor_contract_pattern_breach(
	struct cor_contract_run *run, struct cor_str pattern, const char *match)
{
	const char *tried[] = {
		match ? cor_contract_printf(run, "%s!", match) : NULL,
		match ? cor_contract_printf(run, "!%s", match) : NULL,
		"!",
		"a",
		"1",
		" ",
		"",
	};

	for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++)
		if (tried[i] && !cor_contract_matches(run, pattern, cor_str(tried[i])))
			return tried[i];
	return NULL;
}
