/* SPDX-License-Identifier: MIT */
/*
 * Passing over a value without recursion: a bit for each open container tells objects from arrays.
 */
#include <coracle/json.h>

#include "base/decimal.h"
#include "json/reader.h"

struct nest {
	uint64_t objects[COR_JSON_DEPTH_CAP / 64];
	uint32_t depth;
};

static void push(struct nest *nest, bool object)
{
	uint64_t bit = UINT64_C(1) << (nest->depth % 64);
	uint64_t *word = &nest->objects[nest->depth / 64];

	/* Bits are written before they are read. */
	/* NOLINTNEXTLINE(*UndefinedBinaryOperatorResult, analyzer-use-of-uninitialized-value) */
	*word = object ? *word | bit : *word & ~bit;
	nest->depth++;
}

static bool is_object(const struct nest *nest)
{
	uint32_t top = nest->depth - 1;

	return nest->objects[top / 64] >> (top % 64) & 1;
}

static int skip_number(struct cor_json_reader *reader)
{
	struct cor_decimal decimal;
	int rc = cor_decimal_scan(reader->at, reader->end, &decimal);

	reader->at += decimal.text.len;
	return rc;
}

/* Pass a scalar, or enter a container and note it. */
static int begin_value(struct cor_json_reader *reader, struct nest *nest)
{
	bool ignored;
	int rc;

	switch (cor_json_peek(reader)) {
	case COR_JSON_OBJECT:
		rc = cor_json_enter_object(reader);
		if (rc == 0)
			push(nest, true);
		return rc;
	case COR_JSON_ARRAY:
		rc = cor_json_enter_array(reader);
		if (rc == 0)
			push(nest, false);
		return rc;
	case COR_JSON_STRING:
		return cor_json_read_string(reader, NULL);
	case COR_JSON_NUMBER:
		return skip_number(reader);
	case COR_JSON_BOOL:
		return cor_json_read_bool(reader, &ignored);
	case COR_JSON_NULL:
		return cor_json_read_null(reader);
	default:
		return -COR_ESYNTAX;
	}
}

/* Leave the containers that end here. 1: a value stands next; 0: the outermost has ended. */
static int go_on(struct cor_json_reader *reader, struct nest *nest)
{
	while (nest->depth > 0) {
		int rc = is_object(nest) ? cor_json_next_member(reader, NULL)
					 : cor_json_next_item(reader);
		if (rc != 0)
			return rc;
		nest->depth--;
	}
	return 0;
}

int cor_json_skip(struct cor_json_reader *reader, struct cor_str *ret_raw)
{
	struct nest nest;
	int rc;

	nest.depth = 0; /* bits are written before they are read */
	cor_json_pass_blank(reader);
	const char *start = reader->at;
	do {
		rc = begin_value(reader, &nest);
		if (rc == 0)
			rc = go_on(reader, &nest);
	} while (rc > 0);
	if (rc == 0 && ret_raw)
		*ret_raw = (struct cor_str){ start, (size_t)(reader->at - start) };
	return rc;
}

int cor_json_check(struct cor_str text, unsigned depth_max, size_t *ret_at)
{
	struct cor_json_reader reader;

	cor_json_reader_init(&reader, text, NULL, depth_max);
	int rc = cor_json_skip(&reader, NULL);
	if (rc == 0)
		rc = cor_json_finish(&reader);
	if (rc < 0 && ret_at)
		*ret_at = cor_json_offset(&reader);
	return rc;
}
