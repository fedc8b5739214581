/* SPDX-License-Identifier: MIT */
#include "json/reader.h"

#include <errno.h>
#include <string.h>

#include <coracle/json.h>

#include "base/decimal.h"
#include "json/string.h"

void cor_json_reader_init(struct cor_json_reader *reader, struct cor_str text,
	struct cor_arena *arena, unsigned depth_max)
{
	const char *start = text.data ? text.data : "";

	if (depth_max == 0)
		depth_max = COR_JSON_DEPTH_MAX;
	*reader = (struct cor_json_reader){
		.at = start,
		.end = start + text.len,
		.start = start,
		.arena = arena,
		.depth_max = depth_max < COR_JSON_DEPTH_CAP ? depth_max : COR_JSON_DEPTH_CAP,
	};
}

struct cor_json_guess cor_json_guess_of(struct cor_str text)
{
	struct cor_json_guess guess = { .len = (uint32_t)text.len, .text = text.data };
	size_t first = text.len < sizeof guess.first ? text.len : sizeof guess.first;

	memcpy(guess.first, text.data, first);
	guess.any = 0xffffu & ~((UINT32_C(1) << first) - 1);
	return guess;
}

/*
 * Pass white space; the byte behind it, NUL at the end (which is wrong wherever a byte is looked
 * at).
 */
static inline char next_byte(struct cor_json_reader *reader)
{
	const char *at = reader->at;

	if (__builtin_expect(at < reader->end && (unsigned char)*at > ' ', 1))
		return *at;
	cor_json_pass_blank(reader);
	return reader->at < reader->end ? *reader->at : '\0';
}

/* Pass `byte` if it stands next, behind any white space. */
static inline bool pass(struct cor_json_reader *reader, char byte)
{
	if (__builtin_expect(next_byte(reader) != byte, 0))
		return false;
	reader->at++;
	return true;
}

/* Pass a word; the error stands at its first wrong byte. */
static int pass_word(struct cor_json_reader *reader, const char *word, size_t len)
{
	size_t left = (size_t)(reader->end - reader->at);

	if (left >= len && memcmp(reader->at, word, len) == 0) {
		reader->at += len;
		return 0;
	}
	while (reader->at < reader->end && *reader->at == *word) {
		reader->at++;
		word++;
	}
	return -COR_ESYNTAX;
}

int cor_json_read_null(struct cor_json_reader *reader)
{
	cor_json_pass_blank(reader);
	return pass_word(reader, "null", 4);
}

int cor_json_read_bool(struct cor_json_reader *reader, bool *ret)
{
	cor_json_pass_blank(reader);
	bool value = reader->at < reader->end && *reader->at == 't';
	int rc = value ? pass_word(reader, "true", 4) : pass_word(reader, "false", 5);

	if (rc == 0)
		*ret = value;
	return rc;
}

/* An integer of so many digits that it may be none of 64 bits. */
static __attribute__((noinline)) void take_long_integer(
	const struct cor_decimal *decimal, struct cor_json_number *ret)
{
	uint64_t large;

	ret->real = cor_decimal_double(decimal);
	if (cor_decimal_int64(decimal, &ret->integer) == 0) {
		ret->type = COR_JSON_INT64;
	} else if (cor_decimal_uint64(decimal, &large) == 0) {
		ret->type = COR_JSON_UINT64;
		ret->integer = (int64_t)large;
	} else {
		ret->type = COR_JSON_REAL;
		ret->integer = 0;
	}
}

int cor_json_read_number(struct cor_json_reader *reader, struct cor_json_number *ret)
{
	struct cor_decimal decimal;

	(void)next_byte(reader);
	int rc = cor_decimal_scan(reader->at, reader->end, &decimal);
	reader->at += decimal.text.len;
	if (rc < 0)
		return rc;
	ret->text = decimal.text;
	if (!decimal.integral) {
		ret->type = COR_JSON_REAL;
		ret->integer = 0;
		ret->real = cor_decimal_double(&decimal);
	} else if (decimal.text.len < COR_DECIMAL_DIGITS) {
		int64_t integer = (int64_t)decimal.digits;
		ret->type = COR_JSON_INT64;
		ret->integer = decimal.negative ? -integer : integer;
		ret->real = decimal.negative ? -(double)integer : (double)integer;
	} else {
		take_long_integer(&decimal, ret);
	}
	return 0;
}

/* The rest of a string that is not plain throughout: its opening quote is passed. */
static __attribute__((noinline)) int read_odd_string(
	struct cor_json_reader *reader, struct cor_str *ret)
{
	const char *start = reader->at;
	const char *quote;
	bool escaped;
	int rc = cor_json_check_string(start, reader->end, &quote, &escaped);

	if (rc < 0) {
		reader->at = quote;
		return rc;
	}
	struct cor_str value = { start, (size_t)(quote - start) };
	if (escaped && ret) {
		char *out = cor_arena_alloc(reader->arena, value.len);
		if (!out)
			return -ENOMEM;
		value = (struct cor_str){ out, cor_json_unescape(start, quote, out) };
	}
	if (ret)
		*ret = value;
	reader->at = quote + 1;
	return 0;
}

/* A string whose opening quote is passed. */
static inline int read_string(struct cor_json_reader *reader, struct cor_str *ret)
{
	const char *start = reader->at;
	const char *stop = cor_json_scan_plain(start, reader->end);

	if (__builtin_expect(stop == reader->end || *stop != '"', 0))
		return read_odd_string(reader, ret);
	if (ret)
		*ret = (struct cor_str){ start, (size_t)(stop - start) };
	reader->at = stop + 1;
	return 0;
}

int cor_json_read_string(struct cor_json_reader *reader, struct cor_str *ret)
{
	if (!pass(reader, '"'))
		return -COR_ESYNTAX;
	return read_string(reader, ret);
}

static int enter(struct cor_json_reader *reader, char bracket)
{
	if (!pass(reader, bracket))
		return -COR_ESYNTAX;
	if (reader->depth == reader->depth_max) {
		reader->at--;
		return -COR_ETOOLARGE;
	}
	reader->depth++;
	reader->first = true;
	return 0;
}

int cor_json_enter_object(struct cor_json_reader *reader)
{
	return enter(reader, '{');
}

int cor_json_enter_array(struct cor_json_reader *reader)
{
	return enter(reader, '[');
}

/* Go on in a container: 1: something stands next; 0: it has ended with `bracket`; else an error. */
static inline int next(struct cor_json_reader *reader, char bracket)
{
	char byte = next_byte(reader);
	bool first = reader->first;

	reader->first = false;
	if (byte == bracket) {
		reader->at++;
		reader->depth--;
		return 0;
	}
	if (first)
		return 1;
	if (byte != ',')
		return -COR_ESYNTAX;
	reader->at++;
	return 1;
}

int cor_json_next_member(struct cor_json_reader *reader, struct cor_str *ret_key)
{
	int rc = next(reader, '}');

	if (rc <= 0)
		return rc;
	if (!pass(reader, '"'))
		return -COR_ESYNTAX;
	rc = read_string(reader, ret_key);
	if (rc < 0)
		return rc;
	return pass(reader, ':') ? 1 : -COR_ESYNTAX;
}

int cor_json_next_item(struct cor_json_reader *reader)
{
	return next(reader, ']');
}

int cor_json_finish(struct cor_json_reader *reader)
{
	return cor_json_peek(reader) == COR_JSON_END ? 0 : -COR_ESYNTAX;
}
