/* SPDX-License-Identifier: MIT */
#include "cli/compile_commands.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/at_once.h"
#include "cli/files.h"
#include "cli/service.h"

const char *cor_cli_path_within(const struct cor_cli *cli, const char *folder, const char *path)
{
	char root[PATH_MAX], whole[PATH_MAX];
	size_t len;

	if (path[0] != '/')
		path = cor_cli_text(cli, "%s/%s", folder, path);
	if (!realpath(cli->folder, root) || !realpath(path, whole))
		return NULL;
	len = strlen(root);
	if (strncmp(whole, root, len) != 0 || whole[len] != '/')
		return NULL;
	return cor_cli_text(cli, "%s", whole + len + 1);
}

/* The next word of a command, as a shell would read it; NULL: there is none. */
static char *next_word(const struct cor_cli *cli, const char **at)
{
	const char *from = *at + strspn(*at, " \t\n");
	char *word = cor_cli_alloc(cli, strlen(from) + 1), *to = word, quote = '\0';

	if (!*from)
		return NULL;
	for (; *from && (quote || !strchr(" \t\n", *from)); from++) {
		if (*from == quote)
			quote = '\0';
		else if (!quote && (*from == '"' || *from == '\''))
			quote = *from;
		else if (*from == '\\' && quote != '\'' && from[1])
			*to++ = *++from;
		else
			*to++ = *from;
	}
	*at = from;
	return word;
}

/* What is about the output or dependencies; *ret_with: a value follows. */
static bool is_about_output(const char *word, bool *ret_with)
{
	static const char *const with[] = { "-o", "-MF", "-MT", "-MQ" };
	static const char *const alone[] = { "-c", "-S", "-E", "-MD", "-MMD", "-MP", "-M", "-MM" };

	*ret_with = false;
	for (size_t i = 0; i < sizeof with / sizeof with[0]; i++)
		if (strcmp(word, with[i]) == 0)
			return *ret_with = true;
	for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++)
		if (strcmp(word, alone[i]) == 0)
			return true;
	return false;
}

static void add_word(
	struct cor_compile_command *command, const char *file, const char *word, bool *drops_next)
{
	bool with = false;

	if (*drops_next) {
		*drops_next = false;
	} else if (is_about_output(word, &with)) {
		*drops_next = with;
	} else if (strcmp(word, file) != 0 && !(command->argc == 0 && strstr(word, "ccache"))) {
		command->argv[command->argc++] = word;
	}
}

/* Tools run in the folder of -C, and files are read from the working directory. */
static const char *whole_folder(const struct cor_cli *cli, const char *folder)
{
	char whole[PATH_MAX];

	return folder[0] != '/' && realpath(cor_cli_path(cli, folder), whole)
		       ? cor_cli_text(cli, "%s", whole)
		       : folder;
}

static int read_entry(
	const struct cor_cli *cli, const struct cor_node *entry, struct cor_compile_command *ret)
{
	const char *file = cor_cli_member(cli, entry, "file");
	const char *text = cor_cli_member(cli, entry, "command");
	const struct cor_node *arguments = cor_node_get(entry, "arguments");
	size_t len = cor_node_len(arguments);
	bool drops_next = false;
	struct cor_str word;
	char *next;

	*ret = (struct cor_compile_command){ .folder = cor_cli_member(cli, entry, "directory") };
	if (!file[0] || !ret->folder[0])
		return COR_CLI_DATA;
	ret->folder = whole_folder(cli, ret->folder);
	ret->path = cor_cli_path_within(cli, ret->folder, file);
	ret->path = ret->path ? ret->path : file;
	ret->whole_path = file[0] == '/' ? file : cor_cli_text(cli, "%s/%s", ret->folder, file);
	ret->argv = cor_cli_alloc(cli, (strlen(text) + len + 2) * sizeof *ret->argv);
	while ((next = next_word(cli, &text)))
		add_word(ret, file, next, &drops_next);
	for (size_t i = 0; i < len; i++)
		if (cor_node_to_text(cor_node_item(arguments, i), &word) == 0)
			add_word(ret, file, cor_cli_text(cli, "%.*s", (int)word.len, word.data),
				&drops_next);
	return ret->argc ? COR_CLI_OK : COR_CLI_DATA;
}

int cor_compile_commands_read(
	const struct cor_cli *cli, const char *path, struct cor_compile_commands *ret)
{
	struct cor_node *root;
	struct cor_str text;
	int rc = cor_cli_read_file(cli, cor_cli_path(cli, path), &text);

	if (rc == COR_CLI_OK)
		rc = cor_cli_parse(cli, path, text, &root);
	if (rc != COR_CLI_OK)
		return rc;
	ret->len = cor_node_len(root);
	ret->items = cor_cli_alloc(cli, (ret->len + 1) * sizeof *ret->items);
	for (size_t i = 0; i < ret->len; i++)
		if (read_entry(cli, cor_node_item(root, i), &ret->items[i]) != COR_CLI_OK)
			return cor_cli_fail(cli, COR_CLI_DATA,
				"%s: entry %zu has no directory, file, or command", path, i + 1);
	return COR_CLI_OK;
}

/* --- what they are made of --- */

/* Of "x: FILE FILE \\\n FILE": a blank or # in a name has a backslash before it, a $ is doubled. */
static const char *next_file(const struct cor_cli *cli, const char **rest)
{
	const char *at = *rest;

	while (*at == ' ' || *at == '\n' || (*at == '\\' && at[1] == '\n'))
		at++;
	char *name = cor_cli_alloc(cli, strcspn(at, "\n") + 1), *to = name;
	for (; *at && *at != ' ' && *at != '\n' && !(*at == '\\' && at[1] == '\n'); at++) {
		if (at[1] && (*at == '\\' || (*at == '$' && at[1] == '$')))
			at++;
		*to++ = *at;
	}
	*rest = at;
	return *name ? name : NULL;
}

/* Files stand from where the compiler ran. NULL: it has failed. */
static const char *const *read_rule(const struct cor_cli *cli,
	const struct cor_compile_command *source, const struct cor_cli_job *job)
{
	const char *rest = cor_cli_text(cli, "%.*s", (int)job->output.len, job->output.data);
	const char **files = cor_cli_alloc(cli, (job->output.len / 2 + 1) * sizeof *files), *file;
	size_t len = 0;

	if (job->status != 0 || strncmp(rest, "x:", 2) != 0)
		return NULL;
	for (rest += 2; (file = next_file(cli, &rest)); len++)
		files[len] = file[0] == '/' ? file
					    : cor_cli_text(cli, "%s/%s", source->folder, file);
	return files;
}

static const char **rule_line(const struct cor_cli *cli, const struct cor_compile_command *source)
{
	const char **argv = cor_cli_alloc(cli, (source->argc + 9) * sizeof *argv);
	const char *const first[] = { "env", "-C", source->folder };
	const char *const last[] = { "-M", "-MT", "x", source->whole_path };

	memcpy(argv, first, sizeof first);
	memcpy(argv + 3, source->argv, source->argc * sizeof *argv);
	memcpy(argv + 3 + source->argc, last, sizeof last);
	return argv;
}

int cor_compile_commands_ask(
	const struct cor_cli *cli, struct cor_compile_command *const *sources, size_t len)
{
	struct cor_cli_job *jobs = cor_cli_alloc(cli, (len + 1) * sizeof *jobs);

	for (size_t i = 0; i < len; i++)
		jobs[i] = (struct cor_cli_job){ .argv = rule_line(cli, sources[i]),
			.is_done = sources[i]->made_of };
	int rc = cor_cli_run_at_once(cli, jobs, len, NULL, NULL);
	for (size_t i = 0; rc == COR_CLI_OK && i < len; i++)
		if (!sources[i]->made_of)
			sources[i]->made_of = read_rule(cli, sources[i], &jobs[i]);
	return rc;
}

int cor_compile_commands_ask_clang(
	const struct cor_cli *cli, struct cor_compile_command *const *sources, size_t len)
{
	struct cor_cli_job *jobs = cor_cli_alloc(cli, (len + 1) * sizeof *jobs);

	for (size_t i = 0; i < len; i++) {
		const char **argv = rule_line(cli, sources[i]);
		argv[3] = "clang";
		argv[7 + sources[i]->argc] = "-D__clang_analyzer__";
		jobs[i] = (struct cor_cli_job){ .argv = argv,
			.is_done = sources[i]->made_for_clang };
	}
	int rc = cor_cli_run_at_once(cli, jobs, len, NULL, NULL);
	for (size_t i = 0; rc == COR_CLI_OK && i < len; i++)
		if (!sources[i]->made_for_clang)
			sources[i]->made_for_clang = read_rule(cli, sources[i], &jobs[i]);
	return rc;
}
