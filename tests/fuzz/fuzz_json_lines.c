/* SPDX-License-Identifier: MIT */
/*
 * Lines, or the items of an array: what comes out does not depend on where the text was split. The
 * first byte says which, and how large the pieces are.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include <coracle/json_lines.h>

static void need(int holds)
{
	if (!holds)
		abort();
}

struct heard {
	uint64_t values; /* their bytes, the codes of errors and the lines, hashed */
	uint64_t count;
};

static void add(struct heard *heard, const void *data, size_t len)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i++)
		heard->values = (heard->values ^ bytes[i]) * UINT64_C(1099511628211);
}

static void take_all(struct cor_json_lines *lines, struct heard *heard)
{
	struct cor_str value;
	int rc;

	while ((rc = cor_lines_next(lines, &value)) != 0) {
		uint64_t number = cor_lines_number(lines);
		need((rc > 0) == !cor_lines_complaint(lines));
		if (rc > 0) {
			need(cor_json_check(value, 0, NULL) == 0);
			add(heard, value.data, value.len);
		}
		add(heard, &rc, sizeof rc);
		add(heard, &number, sizeof number);
	}
	heard->count = cor_lines_count(lines);
}

static struct heard hear(struct cor_str text, size_t step, bool array)
{
	struct cor_lines_options options = { .array = array, .value_bytes_max = 64 };
	struct cor_arena arena = { 0 };
	struct cor_json_lines *lines = cor_lines_begin(&arena, &options);
	struct heard heard = { 0 };

	for (size_t at = 0; at < text.len; at += step) {
		size_t len = text.len - at < step ? text.len - at : step;
		char *piece = malloc(len);
		need(piece != NULL);
		memcpy(piece, text.data + at, len);
		cor_lines_feed(lines, piece, len);
		take_all(lines, &heard);
		free(piece);
	}
	cor_lines_feed_end(lines);
	take_all(lines, &heard);
	cor_arena_finish(&arena);
	return heard;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct cor_str text = { (const char *)data + 1, size - 1 };
	bool array = data[0] & 1;
	struct heard whole = hear(text, text.len, array);
	struct heard split = hear(text, 1 + (data[0] >> 1) % 32, array);

	need(whole.values == split.values && whole.count == split.count);
	return 0;
}
