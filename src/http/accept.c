/* SPDX-License-Identifier: MIT */
#include "http/accept.h"

#include <limits.h>

#include <coracle/error.h>

#include "http/chars.h"
#include "http/fold.h"
#include "http/parameter.h"

#define WEIGHT_ONE 1000

/* qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ), in thousandths, or -1 */
static int parse_weight(struct cor_str text)
{
	int weight = 0, unit = WEIGHT_ONE;

	if (text.len == 0 || text.len > 5 || (text.len > 1 && text.data[1] != '.'))
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		if (i == 1)
			continue;
		if (!cor_char_is(text.data[i], COR_CHAR_DIGIT))
			return -1;
		weight += (text.data[i] - '0') * unit;
		unit /= 10;
	}
	return weight <= WEIGHT_ONE ? weight : -1;
}

/* One element of a list, with what its parameters say. */
struct range {
	struct cor_str type;    /* or the coding */
	struct cor_str subtype; /* of Accept only */
	int weight;
	bool narrowed; /* it has parameters other than q and charset */
};

static int take_parameters(struct cor_str *rest, struct range *range)
{
	struct cor_str name, value;
	int rc;

	range->weight = WEIGHT_ONE;
	range->narrowed = false;
	while ((rc = cor_take_parameter(rest, &name, &value)) > 0) {
		if (cor_fold_equal(name, COR_STR("q"))) {
			range->weight = parse_weight(value);
			if (range->weight < 0)
				return -COR_ESYNTAX;
		} else if (!cor_fold_equal(name, COR_STR("charset"))) {
			range->narrowed = true;
		}
	}
	return rc;
}

/* Skip empty elements (RFC 9110 section 5.6.1.2). Returns whether another one comes. */
static bool next_element(struct cor_str *rest)
{
	for (cor_take_blanks(rest); cor_take_byte(rest, ','); cor_take_blanks(rest))
		;
	return rest->len > 0;
}

static bool element_ends(const struct cor_str *rest)
{
	return rest->len == 0 || rest->data[0] == ',';
}

static bool is_star(struct cor_str text)
{
	return text.len == 1 && text.data[0] == '*';
}

/*
 * How closely the range names the type: 3 exactly, 2 by its first half, 1 not at all, 0 no match.
 */
static int closeness(const struct range *range, struct cor_str type, struct cor_str subtype)
{
	if (range->narrowed)
		return 0;
	if (is_star(range->type))
		return is_star(range->subtype) ? 1 : 0;
	if (!cor_fold_equal(range->type, type))
		return 0;
	if (is_star(range->subtype))
		return 2;
	return cor_fold_equal(range->subtype, subtype) ? 3 : 0;
}

/* What the closest element so far says. */
struct verdict {
	int closeness;
	int weight;
};

static void judge(struct verdict *verdict, int close, int weight)
{
	if (close > verdict->closeness || (close == verdict->closeness && weight > verdict->weight))
		*verdict = (struct verdict){ close, weight };
}

int cor_accept_quality(struct cor_str accept, struct cor_str type)
{
	const char *slash = memchr(type.data, '/', type.len);
	struct verdict verdict = { 0, 0 };
	struct range range;
	bool any = false;

	if (!slash)
		return -COR_ESYNTAX;
	struct cor_str major = { type.data, (size_t)(slash - type.data) };
	struct cor_str minor = { slash + 1, type.len - major.len - 1 };

	while (next_element(&accept)) {
		if (!cor_take_token(&accept, &range.type) || !cor_take_byte(&accept, '/') ||
			!cor_take_token(&accept, &range.subtype) ||
			take_parameters(&accept, &range) < 0 || !element_ends(&accept))
			return -COR_ESYNTAX;
		any = true;
		int close = closeness(&range, major, minor);
		if (close > 0)
			judge(&verdict, close, range.weight);
	}
	return any ? verdict.weight : WEIGHT_ONE;
}

/* Whether a 0 stands in the text that does not begin 0.1 to 0.9: something may have weight 0. */
static bool may_refuse(const char *at, const char *end)
{
	for (; (at = memchr(at, '0', (size_t)(end - at))); at++)
		if (end - at < 3 || at[1] != '.' || at[2] < '1' || at[2] > '9')
			return true;
	return false;
}

/* Whether a range of all types begins at `at`, with no parameter but a weight such as 0.8. */
static bool is_all_types(const char *begin, const char *at, const char *end)
{
	if (end - at < 3 || memcmp(at, "*/*", 3) != 0)
		return false;
	if (at != begin && at[-1] != ',' && at[-1] != ' ')
		return false;
	at += 3;
	if (end - at >= 6 && memcmp(at, ";q=0.", 5) == 0)
		at += 6;
	return at == end || *at == ',';
}

/*
 * Recognise what browsers and most libraries send without parsing it: it names all types and
 * refuses none. Quoted text could look like either, so the parser takes it.
 */
static bool allows_all(struct cor_str accept)
{
	const char *end = accept.data + accept.len;
	const char *at = accept.data;

	if (memchr(at, '"', accept.len) || may_refuse(at, end))
		return false;
	for (; (at = memchr(at, '*', (size_t)(end - at))); at++)
		if (is_all_types(accept.data, at, end))
			return true;
	return false;
}

bool cor_accept_allows(struct cor_str accept, struct cor_str type)
{
	if (accept.len == 0 || cor_str_equal(accept, type) || allows_all(accept))
		return true;
	return cor_accept_quality(accept, type) != 0;
}

int cor_accept_encoding_quality(struct cor_str accept, struct cor_str coding)
{
	struct verdict verdict = { 0, cor_str_equal(coding, COR_STR("identity")) ? WEIGHT_ONE : 0 };
	struct range range;

	while (next_element(&accept)) {
		if (!cor_take_token(&accept, &range.type) || take_parameters(&accept, &range) < 0 ||
			!element_ends(&accept))
			return -COR_ESYNTAX;
		if (cor_fold_equal(range.type, coding))
			judge(&verdict, 2, range.weight);
		else if (is_star(range.type))
			judge(&verdict, 1, range.weight);
	}
	return verdict.weight;
}

/* One of two names of the same coding: RFC 9110 section 8.4.1.3. */
static struct cor_str coding_of(struct cor_str name)
{
	if (name.len > 2 && name.data[1] == '-' && (name.data[0] == 'x' || name.data[0] == 'X'))
		return (struct cor_str){ name.data + 2, name.len - 2 };
	return name;
}

/* What the value says of each, and behind them of identity. */
static int judge_codings(
	struct cor_str accept, const struct cor_str *codings, size_t len, struct verdict *verdicts)
{
	struct range range;

	while (next_element(&accept)) {
		if (!cor_take_token(&accept, &range.type) || take_parameters(&accept, &range) < 0 ||
			!element_ends(&accept))
			return -COR_ESYNTAX;
		struct cor_str name = coding_of(range.type);
		for (size_t i = 0; i <= len; i++)
			if (cor_fold_equal(name, i < len ? codings[i] : COR_STR("identity")))
				judge(&verdicts[i], 2, range.weight);
			else if (is_star(range.type))
				judge(&verdicts[i], 1, range.weight);
	}
	return 0;
}

int cor_accept_coding(
	struct cor_str accept, const struct cor_str *codings, size_t len, bool *ret_identity)
{
	struct verdict verdicts[COR_ACCEPT_CODINGS_MAX + 1] = { 0 };
	const struct verdict *identity = &verdicts[len];
	int best = -1, weight = 0;

	*ret_identity = true;
	if (judge_codings(accept, codings, len, verdicts) < 0)
		return -1;
	*ret_identity = identity->closeness == 0 || identity->weight != 0;
	for (size_t i = 0; i < len; i++)
		if (verdicts[i].weight > weight) {
			best = (int)i;
			weight = verdicts[i].weight;
		}
	return identity->closeness == 2 && identity->weight > weight ? -1 : best;
}

/* Subtags are ended by a hyphen. */
static bool begins(struct cor_str tag, struct cor_str beginning)
{
	return beginning.len < tag.len && tag.data[beginning.len] == '-' &&
	       cor_fold_equal((struct cor_str){ tag.data, beginning.len }, beginning);
}

/* The tag itself, then the longest that begins the range, then one that the range begins. */
static int language_closeness(struct cor_str range, struct cor_str tag)
{
	if (cor_fold_equal(range, tag))
		return INT_MAX;
	return begins(range, tag) ? 1 + (int)tag.len : begins(tag, range);
}

/* What the closest range says of one language; *ret_place is where it stands. */
static int judge_language(
	struct cor_str accept, struct cor_str tag, struct verdict *verdict, size_t *ret_place)
{
	struct range range;

	for (size_t place = 0; next_element(&accept); place++) {
		if (!cor_take_token(&accept, &range.type) || take_parameters(&accept, &range) < 0 ||
			!element_ends(&accept))
			return -COR_ESYNTAX;
		int close = language_closeness(range.type, tag);
		if (close <= verdict->closeness)
			continue;
		*verdict = (struct verdict){ close, range.weight };
		*ret_place = place;
	}
	return 0;
}

int cor_accept_language(struct cor_str accept, const struct cor_str *tags, size_t len)
{
	struct verdict best = { 0, 0 };
	size_t best_place = 0, place = 0;
	int found = -1;

	for (size_t i = 0; i < len; i++) {
		struct verdict verdict = { 0, 0 };
		if (judge_language(accept, tags[i], &verdict, &place) < 0)
			return -1;
		bool is_better = verdict.weight > best.weight ||
				 (verdict.weight == best.weight && verdict.weight != 0 &&
					 (place < best_place ||
						 (place == best_place &&
							 verdict.closeness > best.closeness)));
		if (!is_better)
			continue;
		best = verdict;
		best_place = place;
		found = (int)i;
	}
	return found;
}
