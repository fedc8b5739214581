/* SPDX-License-Identifier: MIT */
/*
 * Tables with a mistake, by the name of it: what test_tables.py hears of them.
 */
#include <string.h>

#include <coracle/testing.h>

static void passes(struct cor_test *t)
{
	cor_expect(t, true);
}

static const int numbers[] = { 1 };

static const struct cor_case good[] = { COR_CASE(passes) };
static const struct cor_case twice[] = { COR_CASE(passes), COR_CASE(passes) };
static const struct cor_case empty_row[] = { COR_CASE(passes), { 0 } };
static const struct cor_case no_rows[] = {
	COR_CASE(passes, .rows = numbers, .row_bytes = sizeof(int)),
};
static const struct cor_case negative[] = { COR_CASE(passes, .timeout_ms = -1) };
static const struct cor_case_group nameless[] = { { COR_CASES(good) } };
static const struct cor_case_group empty[] = { { .name = "empty" } };

static const struct {
	const char *name;
	struct cor_suite suite;
} mistakes[] = {
	{ "none", { COR_CASES(good) } },
	{ "twice", { COR_CASES(twice) } },
	{ "empty row", { COR_CASES(empty_row) } },
	{ "no rows", { COR_CASES(no_rows) } },
	{ "negative", { COR_CASES(negative) } },
	{ "nameless", { COR_GROUPS(nameless) } },
	{ "empty", { COR_GROUPS(empty) } },
	{ "nothing", { 0 } },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof mistakes / sizeof mistakes[0]; i++)
		if (strcmp(mistakes[i].name, argv[1]) == 0)
			return cor_test_main(argc - 1, argv + 1, &mistakes[i].suite);
	return 9;
}
