/* SPDX-License-Identifier: MIT */
#include "cli/lock.h"

#include <string.h>

#include <coracle/api.h>

#include "cli/files.h"
#include "cli/process.h"
#include "cli/project.h"

const char *cor_lock_found(const struct cor_cli *cli, const char *package)
{
	struct cor_str said;

	if (!cor_cli_is_there(cli, "pkg-config"))
		return NULL;
	if (cor_cli_capture(cli,
		    (const char *const[]){ "pkg-config", "--modversion", package, NULL },
		    &said) != 0)
		return NULL;
	return cor_cli_text(cli, "%.*s", (int)strcspn(said.data, "\n"), said.data);
}

int cor_lock_write(const struct cor_cli *cli, const char *folder)
{
	struct cor_cli inside = *cli;
	struct cor_buffer text = { 0 };
	struct cor_project project;

	inside.folder = folder;
	int rc = cor_project_open(&inside, &project);
	if (rc != COR_CLI_OK)
		return rc;
	cor_buffer_literal(&text,
		"# The exact versions that this was made with, as pkg-config has them.\n"
		"# `coracle doctor` compares them; `coracle doctor --lock` writes them.\n");
	for (size_t i = 0; project.packages[i]; i++) {
		const char *found = cor_lock_found(&inside, project.packages[i]);
		cor_buffer_printf(
			&text, "%s %s\n", project.packages[i], found ? found : cor_version());
	}
	return cor_cli_replace_file(
		cli, cor_cli_text(cli, "%s/coracle.lock", folder), cor_cli_take(cli, &text));
}

bool cor_lock_next(const struct cor_cli *cli, const char **text, const char **ret_package,
	const char **ret_version)
{
	while (**text) {
		const char *line = *text;
		size_t len = strcspn(line, "\n"), name = strcspn(line, " \n");
		*text += len + (line[len] == '\n');
		if (line[0] == '#' || name == 0 || name == len)
			continue;
		*ret_package = cor_cli_text(cli, "%.*s", (int)name, line);
		*ret_version = cor_cli_text(cli, "%.*s", (int)(len - name - 1), line + name + 1);
		return true;
	}
	return false;
}
