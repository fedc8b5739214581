/* SPDX-License-Identifier: MIT */
/* coracle routes: what the service serves. */
#include <inttypes.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/service.h"
#include "cli/table.h"

/* "everybody", or "token (notes:read) or password" */
static const char *security(const struct cor_cli *cli, const struct cor_node *route)
{
	const struct cor_node *ways = cor_node_get(route, "security");
	struct cor_buffer text = { 0 };

	if (cor_node_len(ways) == 0)
		return "everybody";
	for (size_t i = 0; i < cor_node_len(ways); i++) {
		const struct cor_node *way = cor_node_item(ways, i);
		const struct cor_node *scopes = cor_node_get(way, "scopes");
		cor_buffer_printf(
			&text, "%s%s", i ? " or " : "", cor_cli_member(cli, way, "scheme"));
		for (size_t at = 0; at < cor_node_len(scopes); at++) {
			struct cor_str scope = { "", 0 };
			(void)!cor_node_to_text(cor_node_item(scopes, at), &scope);
			cor_buffer_printf(
				&text, "%s%.*s", at ? " " : " (", (int)scope.len, scope.data);
		}
		cor_buffer_printf(&text, "%s", cor_node_len(scopes) ? ")" : "");
	}
	cor_buffer_byte(&text, '\0');
	return cor_cli_take(cli, &text).data;
}

/* "logins 30/60s by client, body 64 KiB" */
static const char *limits(const struct cor_cli *cli, const struct cor_node *route)
{
	const struct cor_node *list = cor_node_get(route, "limits");
	struct cor_buffer text = { 0 };

	for (size_t i = 0; i < cor_node_len(list); i++) {
		const struct cor_node *limit = cor_node_item(list, i);
		int64_t at_once = cor_cli_number(limit, "in_progress");
		cor_buffer_printf(
			&text, "%s%s", text.len ? ", " : "", cor_cli_member(cli, limit, "name"));
		if (cor_cli_number(limit, "count"))
			cor_buffer_printf(&text, " %" PRId64 "/%" PRId64 "s",
				cor_cli_number(limit, "count"), cor_cli_number(limit, "per_s"));
		if (at_once)
			cor_buffer_printf(&text, " %" PRId64 " at once", at_once);
		cor_buffer_printf(&text, " by %s", cor_cli_member(cli, limit, "by"));
	}
	if (cor_cli_number(route, "body_limit_bytes"))
		cor_buffer_printf(&text, "%sbody %" PRId64 " bytes", text.len ? ", " : "",
			cor_cli_number(route, "body_limit_bytes"));
	if (cor_cli_number(route, "timeout_ms"))
		cor_buffer_printf(&text, "%s%" PRId64 " ms", text.len ? ", " : "",
			cor_cli_number(route, "timeout_ms"));
	cor_buffer_byte(&text, '\0');
	return cor_cli_take(cli, &text).data;
}

static const char *operation(const struct cor_cli *cli, const struct cor_node *route)
{
	const char *kind = cor_cli_member(cli, route, "kind");

	return cor_cli_text(cli, "%s%s%s%s%s", cor_cli_member(cli, route, "operation"),
		strcmp(kind, "typed") == 0 ? "" : ", ", strcmp(kind, "typed") == 0 ? "" : kind,
		cor_cli_flag(route, "deprecated") ? ", deprecated" : "",
		cor_cli_flag(route, "hidden") ? ", hidden" : "");
}

static void add_row(
	const struct cor_cli *cli, const struct cor_node *route, struct cor_table *table)
{
	const char *path = cor_cli_text(cli, "%s%s", cor_cli_member(cli, route, "host"),
		cor_cli_member(cli, route, "path"));
	const char *wanted = cli->words[0], *what = operation(cli, route);
	const char **row = table->rows[table->len];

	if (wanted && !strstr(path, wanted) && !strstr(what, wanted))
		return;
	row[0] = cor_cli_member(cli, route, "method");
	row[1] = path;
	row[2] = what;
	row[3] = security(cli, route);
	row[4] = limits(cli, route);
	table->len++;
}

static int run(struct cor_cli *cli)
{
	static const char *const heads[] = { "METHOD", "PATH", "OPERATION", "WHO MAY", "LIMITS" };
	struct cor_table table = { .heads = heads, .columns = 5 };
	struct cor_buffer buffer = { 0 };
	struct cor_node *root;
	struct cor_str text;
	int rc = cor_service_ask(cli, "--print-routes", &text);

	if (rc == COR_CLI_OK)
		rc = cor_cli_parse(cli, "--print-routes", text, &root);
	if (rc != COR_CLI_OK)
		return rc;
	if (cor_cli_has(cli, "--json")) {
		cor_buffer_append_str(&buffer, text);
		return cor_cli_print(cli, &buffer);
	}
	const struct cor_node *routes = cor_node_get(root, "operations");
	const struct cor_node *files = cor_node_get(root, "files");
	table.rows = cor_cli_alloc(cli, (cor_node_len(routes) + 1) * sizeof *table.rows);
	for (size_t i = 0; i < cor_node_len(routes); i++)
		add_row(cli, cor_node_item(routes, i), &table);
	cor_table_write(&table, &buffer);
	for (size_t i = 0; i < cor_node_len(files) && !cli->words[0]; i++)
		cor_buffer_printf(&buffer, "files   %s\n",
			cor_cli_member(cli, cor_node_item(files, i), "path"));
	return cor_cli_print(cli, &buffer);
}

const struct cor_cli_verb cor_cli_routes = {
	.name = "routes",
	.arguments = "[TEXT]",
	.summary = "List what the service serves: methods, paths, who may, limits",
	.doc = "Of the service and of all that are mounted in it, also what its documents leave out. With\n"
	       "TEXT: those that have it in their path or name.",
	.words_max = 1,
	.options = { { "--json", NULL, NULL, "As JSON, of all operations" } },
	.run = run,
};
