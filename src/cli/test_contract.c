/* SPDX-License-Identifier: MIT */
#include "cli/test_contract.h"

#include <string.h>

#include "cli/files.h"
#include "cli/scaffold.h"
#include "cli/test_runner.h"

#define PATH "test/test_contract.c"

bool cor_test_is_contract(const char *name)
{
	const char *slash = strrchr(name, '/');

	return strncmp(slash ? slash + 1 : name, "test_contract", strlen("test_contract")) == 0;
}

static const char *below(const struct cor_cli *cli, const char *folder, const char *path)
{
	return cor_cli_text(cli, "%s/%s", folder, path);
}

static bool says(const struct cor_cli *cli, const char *path, const char *text)
{
	struct cor_str all;

	return cor_cli_exists(path) && cor_cli_read_file(cli, path, &all) == COR_CLI_OK &&
	       memmem(all.data, all.len, text, strlen(text));
}

/* How a test knows the service; NULL: nothing tells. */
static const char *declaration_of(const struct cor_cli *cli, const char *folder, const char *name)
{
	const char *text = cor_cli_text(cli, "const struct cor_service %s_service", name);
	const char *source = below(cli, folder, cor_cli_text(cli, "%s.c", name));

	if (says(cli, below(cli, folder, cor_cli_text(cli, "main/%s.h", name)), text))
		return cor_cli_text(cli, "#include \"%s.h\"", name);
	if (says(cli, source, cor_cli_text(cli, "\n%s", text)))
		return cor_cli_text(cli, "extern %s;", text);
	return NULL;
}

int cor_test_contract_write(const struct cor_cli *cli, const char *folder, const char *name)
{
	const char *declaration = declaration_of(cli, folder, name);

	if (!declaration)
		return cor_cli_fail(cli, COR_CLI_INPUT,
			"there is no " PATH ": write one whose main is\n"
			"    return cor_contract_main(argc, argv, &(struct cor_contract){ .service = "
			"&YOUR_SERVICE });");
	const struct cor_scaffold_word words[] = { { "name", name }, { "declaration", declaration },
		{ NULL, NULL } };
	return cor_scaffold_write(cli, "contract", folder, words, NULL);
}

static size_t build_each(const struct cor_cli *cli, const struct cor_project *project,
	const char *sanitize, int *ret_rc)
{
	size_t len = 0, count = 0;
	const struct cor_test_program *programs = cor_test_programs(cli, project->build, &len);

	for (size_t i = 0; i < len && *ret_rc == COR_CLI_OK; i++) {
		if (!cor_test_is_contract(programs[i].name))
			continue;
		*ret_rc = cor_project_make(cli, project, programs[i].path, sanitize);
		count++;
	}
	return count;
}

int cor_test_contract_build(
	const struct cor_cli *cli, const struct cor_project *project, const char *sanitize)
{
	int rc = COR_CLI_OK;

	if (build_each(cli, project, sanitize, &rc) > 0)
		return rc;
	rc = cor_test_contract_write(cli, cli->folder, project->name);
	if (rc != COR_CLI_OK)
		return rc;
	cor_cli_say(cli, "%s is written: it drives each operation from its tables",
		cor_cli_path(cli, PATH));
	(void)build_each(cli, project, sanitize, &rc);
	return rc;
}
