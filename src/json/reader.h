/* SPDX-License-Identifier: MIT */
/**
 * A pull reader of JSON (RFC 8259) over a text that is whole in memory.
 *
 * The caller asks for what it expects; the reader checks syntax, UTF-8 and depth as it goes.
 * Strings without escapes point into the text; those with escapes are written into the arena. After
 * an error (-COR_ESYNTAX, also where something else stands than was asked for; -COR_ETOOLARGE for
 * too deep; -ENOMEM) the reader stays where the error is: cor_json_offset() tells. Outputs are
 * untouched on failure.
 *
 *     cor_json_reader_init(&reader, text, arena, 0);
 *     rc = cor_json_enter_object(&reader);
 *     while ((rc = cor_json_next_member(&reader, &key)) > 0)
 *             rc = cor_json_skip(&reader, &raw);
 *
 * Nothing here yields; a reader belongs to one thread at a time.
 */
#ifndef CORACLE_JSON_READER_H
#define CORACLE_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/arena.h>
#include <coracle/error.h>
#include <coracle/json.h>
#include <coracle/str.h>

#include "base/compiler.h"
#include "base/decimal.h"
#include "base/words.h"
#include "json/scan.h"

#define COR_JSON_DEPTH_CAP 1024 /* no depth_max is taken as more than this */

struct cor_json_reader {
	const char *at;
	const char *end;
	const char *start;
	struct cor_arena *arena; /* may be NULL where no string is read */
	uint32_t depth;
	uint32_t depth_max;
	bool first; /* no member or item of the innermost container was read yet */
};

/**
 * A number as written: exact as an integer where it is one (no fraction, no exponent, in range).
 */
struct cor_json_number {
	enum {
		COR_JSON_INT64,
		COR_JSON_UINT64,
		COR_JSON_REAL
	} type;              /* UINT64 only above INT64_MAX */
	int64_t integer;     /* INT64; for UINT64 its bits; else 0 */
	double real;         /* always set: the nearest double; infinite when out of range */
	struct cor_str text; /* as written */
};

/** Begin. depth_max 0 is COR_JSON_DEPTH_MAX. */
void cor_json_reader_init(struct cor_json_reader *reader, struct cor_str text,
	struct cor_arena *arena, unsigned depth_max);

/** The white space at the front. */
static inline const char *cor_json_blank_end(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
		at++;
	return at;
}

/**
 * Skip space, tab, line feed and carriage return, as all functions here do before they look at
 * anything else.
 */
static inline void cor_json_pass_blank(struct cor_json_reader *reader)
{
	reader->at = cor_json_blank_end(reader->at, reader->end);
}

/** Skip white space and say what comes next. Moves nothing else. */
static inline enum cor_json_type cor_json_peek(struct cor_json_reader *reader)
{
	cor_json_pass_blank(reader);
	if (reader->at == reader->end)
		return COR_JSON_END;
	switch (*reader->at) {
	case '{':
		return COR_JSON_OBJECT;
	case '[':
		return COR_JSON_ARRAY;
	case '"':
		return COR_JSON_STRING;
	case '-':
	case '0' ... '9':
		return COR_JSON_NUMBER;
	case 't':
	case 'f':
		return COR_JSON_BOOL;
	case 'n':
		return COR_JSON_NULL;
	default:
		return COR_JSON_WRONG;
	}
}

/** Whether the value that comes next begins with this byte; white space before it is skipped. */
static inline bool cor_json_stands(struct cor_json_reader *reader, char byte)
{
	if (__builtin_expect(reader->at < reader->end && *reader->at == byte, 1))
		return true;
	cor_json_pass_blank(reader);
	return reader->at < reader->end && *reader->at == byte;
}

int cor_json_read_null(struct cor_json_reader *reader);
int cor_json_read_bool(struct cor_json_reader *reader, bool *ret);
int cor_json_read_number(struct cor_json_reader *reader, struct cor_json_number *ret);
/**
 * Read a number that stands here, as digits and exponent: for a caller that knows which kind of
 * number it wants.
 */
static inline int cor_json_read_decimal(struct cor_json_reader *reader, struct cor_decimal *ret)
{
	int rc = cor_decimal_scan(reader->at, reader->end, ret);
	reader->at += ret->text.len;
	return rc;
}
/**
 * ret->data is valid as long as the text and the arena; not NUL-terminated; may hold U+0000.
 * With NULL for ret the string is only checked: nothing is allocated.
 */
int cor_json_read_string(struct cor_json_reader *reader, struct cor_str *ret);

/** Read '{'; then cor_json_next_member() until it returns 0. */
int cor_json_enter_object(struct cor_json_reader *reader);
/**
 * 1: *ret_key is read and its value stands next (the caller must read or skip it); 0: the object
 * has ended. With NULL for ret_key the key is only checked: nothing is allocated.
 */
int cor_json_next_member(struct cor_json_reader *reader, struct cor_str *ret_key);

/** Pass the end of the object, if that is what stands next. Else nothing moves. */
static inline bool cor_json_leave_object(struct cor_json_reader *reader)
{
	if (reader->at == reader->end || *reader->at != '}')
		return false;
	reader->at++;
	reader->first = false;
	reader->depth--;
	return true;
}

/** What a member is expected to begin with: `"key":` as JSON. */
struct cor_json_guess {
	char first[16]; /* its first bytes, to be compared at once */
	uint32_t any;   /* a bit for each of them that is none of the text's */
	uint32_t len;
	const char *text;
};

/** The guess of a text, which must stay. */
struct cor_json_guess cor_json_guess_of(struct cor_str text);

/** Whether the text begins with it. */
static inline bool cor_json_guess_holds(
	const char *at, const char *end, const struct cor_json_guess *guess)
{
	struct cor_str rest = { guess->text, guess->len };

#ifdef COR_VECTORS
	if (COR_LIKELY(end - at >= 16)) {
		if ((cor_vectors_equal_bits(at, guess->first) | guess->any) != 0xffff)
			return false;
		if (COR_LIKELY(rest.len <= 16))
			return true;
	}
#endif
	return (size_t)(end - at) >= rest.len &&
	       cor_words_same((struct cor_str){ at, rest.len }, rest);
}

/**
 * A shortcut for a caller that knows what to expect: if the member that comes next begins as
 * guessed, with white space or without, pass that: its value stands next. Else nothing moves.
 */
static inline bool cor_json_guess_member(
	struct cor_json_reader *reader, const struct cor_json_guess *guess)
{
	const char *end = reader->end, *at = cor_json_blank_end(reader->at, end);

	if (!reader->first) {
		if (at == end || *at != ',')
			return false;
		at = cor_json_blank_end(at + 1, end);
	}
	if (!cor_json_guess_holds(at, end, guess))
		return false;
	reader->at = cor_json_blank_end(at + guess->len, end);
	reader->first = false;
	return true;
}

/** Read '['; then cor_json_next_item() until it returns 0. */
int cor_json_enter_array(struct cor_json_reader *reader);
/** 1: a value stands next; 0: the array has ended. */
int cor_json_next_item(struct cor_json_reader *reader);

/** Check and pass over one value of any type, iteratively; *ret_raw (may be NULL) is its text. */
int cor_json_skip(struct cor_json_reader *reader, struct cor_str *ret_raw);

/** 0 when only white space is left, else -COR_ESYNTAX. */
int cor_json_finish(struct cor_json_reader *reader);

static inline size_t cor_json_offset(const struct cor_json_reader *reader)
{
	return (size_t)(reader->at - reader->start);
}

#endif
