/* SPDX-License-Identifier: MIT */
/*
 * What `coracle dev` makes of a compiler's output, which it reads from standard input: a line
 * "FILE:LINE: MESSAGE" for each problem. Paths are from the folder that it runs in.
 */
#include <stdio.h>

#include "cli/dev_problems.h"

int main(void)
{
	static char output[1 << 20];
	struct cor_dev_problems problems;
	struct cor_arena arena;
	struct cor_cli cli = { .arena = &arena };

	cor_arena_init(&arena, NULL, 0, 0);
	output[fread(output, 1, sizeof output - 1, stdin)] = '\0';
	cor_dev_find_errors(&cli, output, &problems);
	for (size_t i = 0; i < problems.len; i++) {
		const struct cor_dev_problem *problem = &problems.items[i];
		printf("%s:%u: %s\n", problem->file ? problem->file : "", problem->line,
			problem->message);
	}
	cor_arena_finish(&arena);
	return 0;
}
