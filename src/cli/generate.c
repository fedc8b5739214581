/* SPDX-License-Identifier: MIT */
/* coracle generate: files to begin with, of a name or of a document. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/files.h"
#include "cli/project.h"
#include "cli/scaffold.h"
#include "generate/program.h"

/* --- a resource --- */

static bool ends_with(const char *word, const char *end)
{
	size_t len = strlen(word), bytes = strlen(end);

	return len >= bytes && strcmp(word + len - bytes, end) == 0;
}

/* "book", "books"; "city", "cities"; "box", "boxes" */
static const char *plural(const struct cor_cli *cli, const char *word)
{
	size_t len = strlen(word);
	bool is_vowel = len > 1 && strchr("aeiou", word[len - 2]);

	if (ends_with(word, "y") && !is_vowel)
		return cor_cli_text(cli, "%.*sies", (int)len - 1, word);
	if (ends_with(word, "s") || ends_with(word, "x") || ends_with(word, "ch") ||
		ends_with(word, "sh"))
		return cor_cli_text(cli, "%ses", word);
	return cor_cli_text(cli, "%ss", word);
}

/* "order_line" is OrderLine in documents. */
static const char *titled(const struct cor_cli *cli, const char *word)
{
	char *text = cor_cli_text(cli, "%s", word), *to = text;
	bool begins = true;

	for (; *word; word++) {
		if (*word == '_') {
			begins = true;
			continue;
		}
		*to++ = (char)(begins && *word >= 'a' && *word <= 'z' ? *word - 'a' + 'A' : *word);
		begins = false;
	}
	*to = '\0';
	return text;
}

/* What goes into main/PROJECT.c: an #include behind the last one of a controller, and two rows
   before the end of the list. NULL: it has no such places. */
static const char *with_rows(
	const struct cor_cli *cli, const char *text, const char *item, const char *items)
{
	const char *include = NULL;
	const char *list = strstr(text, "resources[] = {\n"),
		   *end = list ? strstr(list, "\tNULL,\n") : NULL;

	for (const char *at = text; (at = strstr(at, "#include \"controller/")); at++)
		include = at + strcspn(at, "\n") + 1;
	if (!include || !end || end < include)
		return NULL;
	return cor_cli_text(cli,
		"%.*s#include \"controller/%s.h\"\n%.*s\t&%s_resource,\n\t&%s_resource,\n%s",
		(int)(include - text), text, items, (int)(end - include), include, items, item,
		end);
}

static int enlist(
	const struct cor_cli *cli, const char *project, const char *item, const char *items)
{
	const char *name = cor_cli_text(cli, "main/%s.c", project);
	const char *path = cor_cli_path(cli, name), *changed = NULL;
	struct cor_str text;

	if (cor_cli_exists(path) && cor_cli_read_file(cli, path, &text) == COR_CLI_OK)
		changed = with_rows(
			cli, cor_cli_text(cli, "%.*s", (int)text.len, text.data), item, items);
	if (changed) {
		printf("%s: both resources are listed\n", name);
		return cor_cli_replace_file(cli, path, cor_str(changed));
	}
	printf("Now list &%s_resource and &%s_resource of \"controller/%s.h\" among the service's "
	       "resources.\n",
		items, item, items);
	return COR_CLI_OK;
}

static int resource(struct cor_cli *cli, const char *item)
{
	const char *fault = cor_scaffold_name_fault(item), *items = plural(cli, item);
	struct cor_project project;
	const char **files;

	if (fault)
		return cor_cli_fail(cli, COR_CLI_USAGE, "%s %s", item, fault);
	cor_project_find(cli);
	int rc = cor_project_open(cli, &project);
	if (rc == COR_CLI_OK &&
		!cor_cli_exists(cor_cli_path(cli, cor_cli_text(cli, "main/%s.h", project.name))))
		return cor_cli_fail(cli, COR_CLI_INPUT,
			"a resource has files below main/, and its test asks main/%s.h for %s_service: this "
			"project has none of them; coracle new makes one that has",
			project.name, project.name);
	if (rc != COR_CLI_OK)
		return rc;
	const struct cor_scaffold_word words[] = { { "items", items }, { "item", item },
		{ "Items", titled(cli, items) }, { "Item", titled(cli, item) },
		{ "project", project.name }, { NULL, NULL } };
	rc = cor_scaffold_write(cli, "resource", cli->folder, words, &files);
	if (rc != COR_CLI_OK)
		return rc;
	for (size_t i = 0; files[i]; i++)
		printf("%s\n", files[i]);
	return enlist(cli, project.name, item, items);
}

/* --- of a document --- */

static int from_file(struct cor_cli *cli, const char *what, const char *file)
{
	const char *directory = cor_cli_value(cli, "--output");
	struct cor_generate_program program = {
		.name = "coracle: generate",
		.options = {
			.name = cor_cli_value(cli, "--name"),
			.prefix = cor_cli_value(cli, "--prefix"),
			.strict = cor_cli_has(cli, "--strict"),
			.service = strcmp(what, "service") == 0,
			.client = strcmp(what, "client") == 0,
		},
		.file = strcmp(file, "-") == 0 ? file : cor_cli_path(cli, file),
		.directory = cor_cli_path(cli, directory ? directory : "."),
		.force = cor_cli_has(cli, "--force"),
	};

	return cor_generate_run(&program);
}

static int run(struct cor_cli *cli)
{
	static const char *const of_files[] = { "--output", "--name", "--prefix", "--strict",
		"--force" };
	const char *what = cli->words[0];

	if (strcmp(what, "schema") == 0 || strcmp(what, "service") == 0 ||
		strcmp(what, "client") == 0)
		return from_file(cli, what, cli->words[1]);
	for (size_t i = 0; i < sizeof of_files / sizeof of_files[0]; i++) {
		if (cor_cli_has(cli, of_files[i]))
			return cor_cli_fail(cli, COR_CLI_USAGE,
				"%s is for schema, service and client", of_files[i]);
	}
	return resource(cli, cli->words[1]);
}

const struct cor_cli_verb cor_cli_generate = {
	.name = "generate",
	.arguments = "resource NAME | schema FILE | service FILE | client FILE",
	.summary = "Write a resource, or C from a JSON Schema or an OpenAPI document",
	.doc = "resource NAME writes a struct with its schema, operations, and a test, where a project has\n"
	       "them, and lists them in main/PROJECT.c.\n"
	       "\n"
	       "schema FILE writes structs and field tables from a JSON Schema or an OpenAPI document. service\n"
	       "FILE writes also its operations, with handlers to fill in, client FILE a function for each of\n"
	       "them that calls it. coracle-generate(1) does the same. FILE is JSON; - is standard input. What\n"
	       "a table cannot say is told, a line each.",
	.choices = "resource schema service client",
	.chosen_max = 1,
	.words_min = 2,
	.words_max = 2,
	.options = {
		{ "--output", "-o", "DIR", "Write into this folder, which is there; default: that of -C" },
		{ "--name", NULL, "NAME", "Write NAME.h and NAME.c; default: the file's name up to its dot" },
		{ "--prefix", NULL, "NAME_", "Put this in front of each name of C" },
		{ "--strict", NULL, NULL, "Refuse members that a schema does not list, unless it allows them" },
		{ "--force", NULL, NULL, "Replace files that are there already" },
	},
	.is_anywhere = true,
	.run = run,
};
