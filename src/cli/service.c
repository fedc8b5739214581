/* SPDX-License-Identifier: MIT */
#include "cli/service.h"

#include "cli/process.h"

int cor_service_ask(const struct cor_cli *cli, const char *option, struct cor_str *ret)
{
	struct cor_project project;
	int rc = cor_project_open(cli, &project);

	if (rc == COR_CLI_OK)
		rc = cor_project_make(cli, &project, "all", NULL);
	if (rc != COR_CLI_OK)
		return rc;
	rc = cor_cli_ask(cli, (const char *const[]){ project.program, option, NULL }, ret);
	return rc == 0 ? COR_CLI_OK
		       : cor_cli_fail(cli, (enum cor_cli_exit)rc, "%s %s failed with status %d",
				 project.program, option, rc);
}

int cor_cli_parse(
	const struct cor_cli *cli, const char *what, struct cor_str text, struct cor_node **ret)
{
	size_t at = 0;
	int rc = cor_node_parse(cli->arena, text, NULL, ret, &at);

	if (rc == 0)
		return COR_CLI_OK;
	return cor_cli_fail(cli, COR_CLI_DATA, "%s: is not JSON, from byte %zu on", what, at);
}

const char *cor_cli_member(
	const struct cor_cli *cli, const struct cor_node *object, const char *key)
{
	struct cor_str text;

	if (cor_node_to_text(cor_node_get(object, key), &text) < 0)
		return "";
	return cor_cli_text(cli, "%.*s", (int)text.len, text.data);
}

int64_t cor_cli_number(const struct cor_node *object, const char *key)
{
	int64_t number;

	return cor_node_to_int64(cor_node_get(object, key), &number) < 0 ? 0 : number;
}

bool cor_cli_flag(const struct cor_node *object, const char *key)
{
	bool flag;

	return cor_node_to_bool(cor_node_get(object, key), &flag) == 0 && flag;
}
