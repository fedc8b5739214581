/* SPDX-License-Identifier: MIT */
#include "cli/service.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/environment_file.h"
#include "cli/process.h"

#define URL "http://127.0.0.1:8080" /* of a service that is told nothing */

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

/* "0.0.0.0:81" is all addresses of the machine: this one's own is among them. */
static const char *url_of(const struct cor_cli *cli, const char *address)
{
	int len = (int)strcspn(address, ", ");
	const char *text = cor_cli_text(cli, "%.*s", len, address);
	const char *colon = strrchr(text, ':');

	if (strncmp(text, "unix:", 5) == 0)
		return text;
	if (!colon || colon[1] < '1' || colon[1] > '9')
		return URL; /* a port that the system chooses, or a socket that it hands on */
	const char *host = cor_cli_text(cli, "%.*s", (int)(colon - text), text);
	bool is_any = !host[0] || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "[::]") == 0;
	return cor_cli_text(cli, "http://%s%s", is_any ? "127.0.0.1" : host, colon);
}

const char *cor_service_url(const struct cor_cli *cli, const char *name)
{
	char *variable = cor_cli_text(cli, "%s_HTTP", name);
	const char *given = getenv("CORACLE_URL");

	for (char *at = variable; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	const char *address = cor_cli_environment_value(cli, variable);
	if (given && given[0])
		return given;
	return address && address[0] ? url_of(cli, address) : URL;
}
