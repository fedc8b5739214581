/* SPDX-License-Identifier: MIT */
/*
 * For test_ecma.mjs: reads pairs of pattern and text, each ended by a NUL; for each pair, prints
 * "-" if the pattern is refused, else "1" if it matches and "0" if it does not.
 */
#include <stdio.h>
#include <stdlib.h>

#include "schema/pattern.h"

static char answer(struct cor_pattern_room *room, const char *pattern_text, struct cor_str subject)
{
	struct cor_pattern *pattern;
	unsigned work = 0;
	char why[200];

	if (cor_pattern_compile(room, pattern_text, &pattern, why, sizeof why) < 0)
		return '-';
	return cor_pattern_match(pattern, subject, &work) > 0 ? '1' : '0';
}

int main(void)
{
	struct cor_pattern_room *room;
	char *pattern = NULL, *text = NULL;
	size_t pattern_bytes = 0, text_bytes = 0;
	ssize_t len;

	if (cor_pattern_room_create(&room) < 0)
		return 1;
	while (getdelim(&pattern, &pattern_bytes, '\0', stdin) > 0 &&
		(len = getdelim(&text, &text_bytes, '\0', stdin)) > 0)
		putchar(answer(room, pattern, (struct cor_str){ text, (size_t)len - 1 }));
	cor_pattern_room_destroy(room);
	free(pattern);
	free(text);
	return 0;
}
