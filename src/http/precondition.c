/* SPDX-License-Identifier: MIT */
#include "http/precondition.h"

#include "base/date.h"
#include "http/parameter.h"

static bool is_weak(struct cor_str tag)
{
	return tag.len >= 2 && tag.data[0] == 'W' && tag.data[1] == '/';
}

static struct cor_str opaque(struct cor_str tag)
{
	return is_weak(tag) ? (struct cor_str){ tag.data + 2, tag.len - 2 } : tag;
}

/* etagc = %x21 / %x23-7E / obs-text */
static bool is_tag_byte(char byte)
{
	unsigned char b = (unsigned char)byte;

	return b >= 0x21 && b != '"' && b != 0x7f;
}

/* An entity tag, with its quotes. Returns false if there is none. */
static bool take_tag(struct cor_str *rest, struct cor_str *ret)
{
	size_t at = is_weak(*rest) ? 2 : 0;

	if (at >= rest->len || rest->data[at] != '"')
		return false;
	for (at++; at < rest->len && is_tag_byte(rest->data[at]); at++)
		;
	if (at == rest->len || rest->data[at] != '"')
		return false;
	*ret = (struct cor_str){ rest->data, ++at };
	rest->data += at;
	rest->len -= at;
	return true;
}

/* RFC 9110 section 8.8.3.2. */
static bool is_same(struct cor_str a, struct cor_str b, bool strongly)
{
	if (strongly && (is_weak(a) || is_weak(b)))
		return false;
	return cor_str_equal(opaque(a), opaque(b));
}

static bool is_star(struct cor_str list)
{
	cor_take_blanks(&list);
	if (!cor_take_byte(&list, '*'))
		return false;
	cor_take_blanks(&list);
	return list.len == 0;
}

static bool names(struct cor_str list, const struct cor_validators *validators, bool strongly)
{
	struct cor_str tag;

	if (!validators)
		return false;
	if (is_star(list))
		return true;
	while (validators->etag.len != 0) {
		cor_take_blanks(&list);
		if (cor_take_byte(&list, ','))
			continue; /* an empty element, or what divides two */
		if (!take_tag(&list, &tag))
			break;
		if (is_same(tag, validators->etag, strongly))
			return true;
	}
	return false;
}

/* Returns false if it is to be disregarded. */
static bool take_date(
	struct cor_str text, const struct cor_validators *validators, int64_t now_s, int64_t *ret)
{
	return text.data && validators && validators->modified_s >= 0 &&
	       cor_imf_date_parse(text, now_s, ret) == 0;
}

enum cor_precondition cor_precondition_check(const struct cor_conditions *conditions,
	const struct cor_validators *validators, bool reads, int64_t now_s)
{
	int64_t date_s;

	if (conditions->if_match.data) {
		if (!names(conditions->if_match, validators, true))
			return COR_PRECONDITION_FAILED;
	} else if (take_date(conditions->if_unmodified_since, validators, now_s, &date_s) &&
		   validators->modified_s > date_s) {
		return COR_PRECONDITION_FAILED;
	}
	if (conditions->if_none_match.data) {
		if (names(conditions->if_none_match, validators, false))
			return reads ? COR_NOT_MODIFIED : COR_PRECONDITION_FAILED;
	} else if (reads && take_date(conditions->if_modified_since, validators, now_s, &date_s) &&
		   validators->modified_s <= date_s) {
		return COR_NOT_MODIFIED;
	}
	return COR_PRECONDITION_HOLDS;
}

bool cor_if_range_holds(
	struct cor_str value, const struct cor_validators *validators, int64_t now_s)
{
	struct cor_str tag;
	int64_t date_s;

	cor_take_blanks(&value);
	if (take_tag(&value, &tag))
		return value.len == 0 && validators->etag.len != 0 &&
		       is_same(tag, validators->etag, true);
	return take_date(value, validators, now_s, &date_s) && validators->modified_s == date_s &&
	       date_s < now_s;
}
