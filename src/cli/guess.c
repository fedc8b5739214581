/* SPDX-License-Identifier: MIT */
#include "cli/guess.h"

#include <stdio.h>
#include <string.h>

#define WORD_MAX 48

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t cor_guess_distance(const char *word, const char *meant)
{
	size_t rows[WORD_MAX + 1][WORD_MAX + 1];
	size_t a = strlen(word), b = strlen(meant);

	if (a > WORD_MAX || b > WORD_MAX || a < 2)
		return COR_GUESS_FAR;
	if (strncmp(word, meant, a) == 0)
		return 0;
	for (size_t i = 0; i <= a; i++) {
		for (size_t j = 0; j <= b; j++) {
			if (i == 0 || j == 0) {
				rows[i][j] = i + j;
				continue;
			}
			size_t differs = word[i - 1] != meant[j - 1];
			rows[i][j] = least(rows[i - 1][j - 1] + differs,
				1 + least(rows[i - 1][j], rows[i][j - 1]));
			if (i > 1 && j > 1 && word[i - 1] == meant[j - 2] &&
				word[i - 2] == meant[j - 1])
				rows[i][j] = least(rows[i][j], rows[i - 2][j - 2] + 1);
		}
	}
	return rows[a][b] <= (a < 5 ? 1 : 2) ? rows[a][b] : COR_GUESS_FAR;
}

struct cor_str cor_guess_word(const char *word, const char *words)
{
	struct cor_str nearest = { "", 0 };
	size_t least_far = COR_GUESS_FAR;

	for (const char *at = words; *at; at += strcspn(at, " "), at += strspn(at, " ")) {
		char meant[WORD_MAX + 1];
		size_t len = strcspn(at, " ");
		snprintf(meant, sizeof meant, "%.*s", (int)len, at);
		size_t far = cor_guess_distance(word, meant);
		if (far >= least_far)
			continue;
		least_far = far;
		nearest = (struct cor_str){ at, len };
	}
	return nearest;
}
