/* SPDX-License-Identifier: MIT */
#include "testing/text_difference.h"

#include <stdlib.h>
#include <string.h>

#define AROUND    2
#define LINES_MAX 2000 /* of which a table is made */

struct lines {
	struct cor_str *items;
	size_t len;
};

static struct lines split(struct cor_str text)
{
	struct lines lines = { calloc(text.len + 1, sizeof *lines.items), 0 };
	const char *at = text.data, *end = text.data + text.len;

	while (lines.items && at && at < end) {
		const char *line = memchr(at, '\n', (size_t)(end - at));
		size_t len = line ? (size_t)(line - at) : (size_t)(end - at);
		lines.items[lines.len++] = (struct cor_str){ at, len };
		at += len + 1;
	}
	return lines;
}

static void put(struct cor_outcome *outcome, char mark, struct cor_str line)
{
	cor_outcome_say(outcome, "    %c ", mark);
	cor_outcome_say(outcome, "%.*s\n", (int)line.len, line.data);
}

static void put_all(struct cor_outcome *outcome, char mark, const struct cor_str *lines, size_t len)
{
	for (size_t i = 0; i < len; i++)
		put(outcome, mark, lines[i]);
}

/*
 * The longest common subsequence: table[i][j] is its length for got from i and wanted from j on.
 */
static uint16_t *measure(struct lines got, struct lines wanted)
{
	size_t width = wanted.len + 1;
	uint16_t *table = calloc((got.len + 1) * width, sizeof *table);

	for (size_t i = got.len; table && i-- > 0;)
		for (size_t j = wanted.len; j-- > 0;) {
			uint16_t down = table[(i + 1) * width + j],
				 right = table[i * width + j + 1];
			table[i * width + j] = cor_str_equal(got.items[i], wanted.items[j])
						       ? (uint16_t)(table[(i + 1) * width + j + 1] +
								    1)
					       : down > right ? down
							      : right;
		}
	return table;
}

static void put_middle(struct cor_outcome *outcome, struct lines got, struct lines wanted)
{
	size_t i = 0, j = 0, width = wanted.len + 1;
	uint16_t *table = got.len <= LINES_MAX && wanted.len <= LINES_MAX ? measure(got, wanted)
									  : NULL;

	while (table && i < got.len && j < wanted.len) {
		if (cor_str_equal(got.items[i], wanted.items[j])) {
			put(outcome, ' ', got.items[i++]);
			j++;
		} else if (table[(i + 1) * width + j] > table[i * width + j + 1]) {
			put(outcome, '+', got.items[i++]);
		} else {
			put(outcome, '-', wanted.items[j++]);
		}
	}
	put_all(outcome, '-', wanted.items + j, wanted.len - j);
	put_all(outcome, '+', got.items + i, got.len - i);
	free(table);
}

static bool are_equal(struct lines got, struct lines wanted, size_t from_got, size_t from_wanted)
{
	return from_got < got.len && from_wanted < wanted.len &&
	       cor_str_equal(got.items[from_got], wanted.items[from_wanted]);
}

void cor_text_difference(struct cor_outcome *outcome, struct cor_str got, struct cor_str wanted)
{
	struct lines a = split(got), b = split(wanted);
	size_t same = 0, tail = 0, from;

	while (are_equal(a, b, same, same))
		same++;
	while (a.len - tail > same && b.len - tail > same &&
		are_equal(a, b, a.len - tail - 1, b.len - tail - 1))
		tail++;
	from = same > AROUND ? same - AROUND : 0;
	if (same == a.len && same == b.len) {
		cor_outcome_say(
			outcome, "    the lines are the same, but not how the last one ends\n");
	} else {
		cor_outcome_say(
			outcome, "    from line %zu on, - is wanted, + is there:\n", same + 1);
		put_all(outcome, ' ', a.items + from, same - from);
		put_middle(outcome, (struct lines){ a.items + same, a.len - same - tail },
			(struct lines){ b.items + same, b.len - same - tail });
		put_all(outcome, ' ', a.items + a.len - tail, tail < AROUND ? tail : AROUND);
	}
	free(a.items);
	free(b.items);
}
