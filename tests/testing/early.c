/* SPDX-License-Identifier: MIT */
/* A main that has used memory before its tests: what they free is not taken for a leak. */
#include <stdlib.h>
#include <string.h>

#include <coracle/testing.h>

/* glibc keeps what is freed with its thread, and counts it as used; of another size each time. */
static void all_is_freed(struct cor_test *t)
{
	static size_t bytes;
	char *pieces[5];

	bytes += 100;
	for (size_t i = 0; i < 5; i++) {
		pieces[i] = malloc(bytes);
		cor_require(t, pieces[i]);
		memset(pieces[i], 'x', bytes);
	}
	for (size_t i = 0; i < 5; i++)
		free(pieces[i]);
}

static const struct cor_case cases[] = {
	COR_CASE(all_is_freed),
};

int main(int argc, char **argv)
{
	char *volatile early[7];

	for (size_t i = 0; i < 7; i++)
		early[i] = malloc(24);
	for (size_t i = 0; i < 7; i++)
		free(early[i]);
	return cor_test_main(argc, argv, &(struct cor_suite){ COR_CASES(cases) });
}
