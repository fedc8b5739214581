/* SPDX-License-Identifier: MIT */
#include "cli/pattern.h"

#include <fnmatch.h>
#include <string.h>

bool cor_cli_fits(const struct cor_cli *cli, const char *patterns, const char *path)
{
	while (*patterns) {
		size_t len = strcspn(patterns, ",");
		if (fnmatch(cor_cli_text(cli, "%.*s", (int)len, patterns), path, 0) == 0)
			return true;
		patterns += len + (patterns[len] == ',');
	}
	return false;
}

bool cor_cli_is_listed(const char *names, const char *name)
{
	while (*names) {
		size_t len = strcspn(names, ",");
		if (len == strlen(name) && strncmp(names, name, len) == 0)
			return true;
		names += len + (names[len] == ',');
	}
	return false;
}
