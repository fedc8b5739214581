/* SPDX-License-Identifier: MIT */
#include "testing/service_settings.h"

#include <errno.h>
#include <string.h>

/* One thread, and no master. The address is the test's own. */
static const char *const always[] = { "--http", COR_TEST_ADDRESS, "--processes", "none",
	"--threads", "1" };

#define ALWAYS (sizeof always / sizeof always[0])
#define BLANKS " \t\n"

static size_t count(const char *words)
{
	size_t len = 0;

	for (words += strspn(words, BLANKS); *words; words += strspn(words, BLANKS)) {
		words += strcspn(words, BLANKS);
		len++;
	}
	return len;
}

int cor_test_settings_split(struct cor_test_service *service, char ***ret)
{
	const char *said = service->setup.settings ? service->setup.settings : "";
	const char *name = service->t->suite->service->name;
	struct cor_arena *arena = &service->arena;
	char **argv = cor_arena_zalloc(arena, (1 + ALWAYS + count(said) + 1) * sizeof *argv);
	size_t argc = 0;

	if (!argv)
		return -ENOMEM;
	argv[argc++] = cor_arena_strdup(arena, name ? name : "service");
	for (size_t i = 0; i < ALWAYS; i++)
		argv[argc++] = cor_arena_strdup(arena, always[i]);
	for (said += strspn(said, BLANKS); *said; said += strspn(said, BLANKS)) {
		size_t len = strcspn(said, BLANKS);
		argv[argc++] = cor_arena_copy(arena, said, len);
		said += len;
	}
	for (size_t i = 0; i < argc; i++)
		if (!argv[i])
			return -ENOMEM;
	*ret = argv;
	return (int)argc;
}
