/* SPDX-License-Identifier: MIT */
/* coracle completions: what a shell offers behind `coracle`. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/files.h"
#include "cli/process.h"
#include "cli/project.h"
#include "cli/service.h"

#define ASK "coracle completions "

/* What a project has: choices of verbs and options, and how a shell asks for them. */
static const struct asked {
	const char *choices;
	const char *arguments, *values; /* the command for what follows a verb, and an option */
	bool takes_word;                /* the command for arguments: the word before them */
} asked[] = {
	{ "TESTS", ASK "tests 2>/dev/null | grep /", ASK "tests 2>/dev/null | grep -v /", false },
	{ "OPERATIONS", ASK "operations 2>/dev/null", ASK "operations 2>/dev/null", false },
	{ "REQUESTS", ASK "operations 2>/dev/null", ASK "operations 2>/dev/null", true },
};

/* NULL: the choices are words, or files. */
static const struct asked *asked_for(const char *choices)
{
	for (size_t i = 0; choices && i < sizeof asked / sizeof asked[0]; i++) {
		if (strcmp(asked[i].choices, choices) == 0)
			return &asked[i];
	}
	return NULL;
}

/* `word` is how a shell names the one before that which is completed. */
static void ask(struct cor_buffer *buffer, const struct asked *from, const char *word)
{
	cor_buffer_printf(buffer, "%s", from->arguments);
	if (from->takes_word)
		cor_buffer_printf(buffer, " --after=%s", word);
}

/* Half a sentence inside of single quotes; the bytes that a shell takes as its own are escaped. */
static void quoted(struct cor_buffer *buffer, const char *text, const char *own)
{
	for (; *text; text++) {
		if (*text == '\'') {
			cor_buffer_literal(buffer, "\u2019");
			continue;
		}
		if (strchr(own, *text))
			cor_buffer_byte(buffer, '\\');
		cor_buffer_byte(buffer, *text);
	}
}

/* Words for the first argument of a verb; "" where it is a file, or anything. */
static void choices(const struct cor_cli_verb *verb, struct cor_buffer *buffer)
{
	if (!verb->choices || strcmp(verb->choices, "FILE") == 0 || asked_for(verb->choices))
		return;
	if (strcmp(verb->choices, "VERB") != 0) {
		cor_buffer_printf(buffer, "%s", verb->choices);
		return;
	}
	for (size_t i = 0; cor_cli_verbs[i]; i++)
		cor_buffer_printf(buffer, "%s%s", i ? " " : "", cor_cli_verbs[i]->name);
}

static void option_names(const struct cor_cli_option *options, struct cor_buffer *buffer)
{
	for (; options && options->name; options++)
		cor_buffer_printf(buffer, " %s%s%s", options->letter ? options->letter : "",
			options->letter ? " " : "", options->name);
}

/* What follows an option, for a case of its name: words, or nothing, so that files are offered. */
static void bash_values(
	const char *verb, const struct cor_cli_option *options, struct cor_buffer *buffer)
{
	for (; options->name; options++) {
		const struct asked *from = asked_for(options->choices);
		if (!options->value)
			continue;
		cor_buffer_printf(buffer, "\t%s:%s", verb, options->name);
		if (options->letter)
			cor_buffer_printf(buffer, " | %s:%s", verb, options->letter);
		if (from)
			cor_buffer_printf(buffer, ") words=$(%s) ;;\n", from->values);
		else if (options->choices)
			cor_buffer_printf(buffer, ") words='%s' ;;\n", options->choices);
		else
			cor_buffer_literal(buffer, ") return ;;\n");
	}
}

static void write_bash(struct cor_buffer *buffer)
{
	cor_buffer_literal(buffer,
		"# bash completion of coracle: eval \"$(coracle completions bash)\"\n\n"
		"_coracle() {\n"
		"\tlocal at verb='' words='' options='' word=${COMP_WORDS[COMP_CWORD]}\n"
		"\tfor ((at = 1; at < COMP_CWORD; at++)); do\n"
		"\t\tcase ${COMP_WORDS[at]} in\n"
		"\t\t-C | --directory) ((at++)) ;;\n"
		"\t\t-*) ;;\n"
		"\t\t*) verb=${COMP_WORDS[at]}; break ;;\n"
		"\t\tesac\n"
		"\tdone\n"
		"\tcase $verb:${COMP_WORDS[COMP_CWORD - 1]} in\n"
		"\t*:-C | *:--directory) return ;;\n");
	for (size_t i = 0; cor_cli_verbs[i]; i++)
		bash_values(cor_cli_verbs[i]->name, cor_cli_verbs[i]->options, buffer);
	cor_buffer_literal(buffer,
		"\tesac\n"
		"\tif [ -n \"$words\" ]; then\n"
		"\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
		"\t\treturn\n"
		"\tfi\n"
		"\tcase $verb in\n"
		"\t'') words='");
	for (size_t i = 0; cor_cli_verbs[i]; i++)
		cor_buffer_printf(buffer, "%s ", cor_cli_verbs[i]->name);
	cor_buffer_literal(buffer, "' ;;\n");
	for (size_t i = 0; cor_cli_verbs[i]; i++) {
		const struct asked *from = asked_for(cor_cli_verbs[i]->choices);
		cor_buffer_printf(buffer, "\t%s) words='", cor_cli_verbs[i]->name);
		choices(cor_cli_verbs[i], buffer);
		cor_buffer_literal(buffer, "' options='");
		option_names(cor_cli_verbs[i]->options, buffer);
		cor_buffer_literal(buffer, "'");
		if (from) {
			cor_buffer_literal(buffer, "; [[ $word == -* ]] || words=$(");
			ask(buffer, from, "\"${COMP_WORDS[COMP_CWORD - 1]}\"");
			cor_buffer_byte(buffer, ')');
		}
		cor_buffer_literal(buffer, " ;;\n");
	}
	cor_buffer_literal(buffer, "\tesac\n\toptions+='");
	option_names(cor_cli_everywhere, buffer);
	cor_buffer_literal(buffer,
		"'\n"
		"\t[[ $word == -* || -z $words ]] && words=$options\n"
		"\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
		"}\n"
		"complete -o bashdefault -o default -F _coracle coracle\n");
}

static void zsh_value(const struct cor_cli_option *option, struct cor_buffer *buffer)
{
	const struct asked *from = asked_for(option->choices);

	cor_buffer_byte(buffer, ']');
	if (option->value)
		cor_buffer_printf(buffer, ":%s:", option->value);
	if (from)
		cor_buffer_printf(buffer, "( ${(f)\"$(%s)\"} )", from->values);
	else if (option->value && option->choices)
		cor_buffer_printf(buffer, "(%s)", option->choices);
	else if (option->value)
		cor_buffer_literal(buffer, "_files");
	cor_buffer_byte(buffer, '\'');
}

static void zsh_options(const struct cor_cli_option *options, struct cor_buffer *buffer)
{
	for (; options->name; options++) {
		if (options->letter)
			cor_buffer_printf(
				buffer, " \\\n\t\t\t'(%s)%s[", options->name, options->letter);
		else
			cor_buffer_printf(buffer, " \\\n\t\t\t'%s[", options->name);
		quoted(buffer, options->doc, "[]:\\");
		zsh_value(options, buffer);
		if (!options->letter)
			continue;
		cor_buffer_printf(buffer, " \\\n\t\t\t'(%s)%s[", options->letter, options->name);
		quoted(buffer, options->doc, "[]:\\");
		zsh_value(options, buffer);
	}
}

static void zsh_arguments(const struct cor_cli_verb *verb, struct cor_buffer *buffer)
{
	const struct asked *from = asked_for(verb->choices);
	bool are_words = verb->choices && !from && strcmp(verb->choices, "FILE") != 0;

	cor_buffer_printf(
		buffer, " \\\n\t\t\t'%s:argument:", are_words && verb->chosen_max < 2 ? "1" : "*");
	if (from) {
		cor_buffer_literal(buffer, "( ${(f)\"$(");
		ask(buffer, from, "\"${words[CURRENT-1]}\"");
		cor_buffer_literal(buffer, ")\"} )' ;;\n");
		return;
	}
	if (!are_words) {
		cor_buffer_literal(buffer, "_files' ;;\n");
		return;
	}
	cor_buffer_byte(buffer, '(');
	choices(verb, buffer);
	cor_buffer_printf(buffer, ")'%s ;;\n", verb->chosen_max < 2 ? " '*:file:_files'" : "");
}

static void write_zsh(struct cor_buffer *buffer)
{
	cor_buffer_literal(buffer,
		"#compdef coracle\n# zsh completion of coracle: write it into a "
		"file _coracle in a folder of fpath\n"
		"_coracle() {\n\tlocal context state line\n\tlocal -a verbs\n\tverbs=(\n");
	for (size_t i = 0; cor_cli_verbs[i]; i++) {
		cor_buffer_printf(buffer, "\t\t'%s:", cor_cli_verbs[i]->name);
		quoted(buffer, cor_cli_verbs[i]->summary, "[]:\\");
		cor_buffer_literal(buffer, "'\n");
	}
	cor_buffer_literal(buffer, "\t)\n\t_arguments -C");
	zsh_options(cor_cli_everywhere, buffer);
	cor_buffer_literal(buffer, " \\\n\t\t\t'1:verb:->verb' '*::argument:->argument'\n"
				   "\tcase $state in\n\tverb) _describe verb verbs ;;\n"
				   "\targument)\n\t\tcase ${words[1]} in\n");
	for (size_t i = 0; cor_cli_verbs[i]; i++) {
		cor_buffer_printf(buffer, "\t\t%s) _arguments", cor_cli_verbs[i]->name);
		zsh_options(cor_cli_everywhere, buffer);
		zsh_options(cor_cli_verbs[i]->options, buffer);
		zsh_arguments(cor_cli_verbs[i], buffer);
	}
	cor_buffer_literal(buffer, "\t\tesac\n\t\t;;\n\tesac\n}\n_coracle \"$@\"\n");
}

static void fish_options(
	const char *when, const struct cor_cli_option *options, struct cor_buffer *buffer)
{
	for (; options->name; options++) {
		const struct asked *from = asked_for(options->choices);
		cor_buffer_printf(buffer, "complete -c coracle%s -l %s", when, options->name + 2);
		if (options->letter)
			cor_buffer_printf(buffer, " -s %s", options->letter + 1);
		cor_buffer_printf(buffer, "%s", options->value ? " -r" : "");
		if (from)
			cor_buffer_printf(buffer, " -f -a '(%s)'", from->values);
		else if (options->choices)
			cor_buffer_printf(buffer, " -f -a '%s'", options->choices);
		cor_buffer_literal(buffer, " -d '");
		quoted(buffer, options->doc, "\\");
		cor_buffer_literal(buffer, "'\n");
	}
}

static void write_fish(struct cor_buffer *buffer)
{
	cor_buffer_literal(
		buffer, "# fish completion of coracle: coracle completions fish | source\n");
	fish_options("", cor_cli_everywhere, buffer);
	for (size_t i = 0; cor_cli_verbs[i]; i++) {
		const struct cor_cli_verb *verb = cor_cli_verbs[i];
		char when[96];
		cor_buffer_printf(buffer,
			"complete -c coracle -n __fish_use_subcommand -f -a %s -d '", verb->name);
		quoted(buffer, verb->summary, "\\");
		cor_buffer_literal(buffer, "'\n");
		snprintf(when, sizeof when, " -n '__fish_seen_subcommand_from %s'", verb->name);
		fish_options(when, verb->options, buffer);
		size_t from = buffer->len;
		cor_buffer_printf(buffer, "complete -c coracle%s -f -a '", when);
		size_t words = buffer->len;
		choices(verb, buffer);
		const struct asked *asks = asked_for(verb->choices);
		if (asks) {
			cor_buffer_byte(buffer, '(');
			ask(buffer, asks, "(commandline -opc)[-1]");
			cor_buffer_byte(buffer, ')');
		}
		if (buffer->len == words)
			buffer->len = from;
		else
			cor_buffer_literal(buffer, "'\n");
	}
}

/* The name of each COR_CASE(): no program is asked, as one of another kit would run its tests. */
static void write_cases(struct cor_str text, struct cor_buffer *buffer)
{
	static const char mark[] = "COR_CASE(";
	const char *end = text.data + text.len;

	for (const char *at = text.data;
		at < end && (at = memmem(at, (size_t)(end - at), mark, sizeof mark - 1));) {
		at += sizeof mark - 1;
		size_t len = 0;
		while (at + len < end && at[len] != ',' && at[len] != ')' && at[len] != '\n')
			len++;
		cor_buffer_append(buffer, at, len);
		cor_buffer_byte(buffer, '\n');
	}
}

/* Programs, as `coracle test` takes them, and tests, as -k does. */
static int write_tests(struct cor_cli *cli)
{
	struct cor_buffer buffer = { 0 };
	const char **sources;
	struct cor_str text;

	cor_project_find(cli);
	cor_cli_list_files(cli, "test", "test_", ".c", &sources);
	for (size_t i = 0; sources[i]; i++) {
		cor_buffer_printf(&buffer, "%.*s\n", (int)strlen(sources[i]) - 2, sources[i]);
		if (cor_cli_read_file(cli, cor_cli_path(cli, sources[i]), &text) == COR_CLI_OK)
			write_cases(text, &buffer);
	}
	return cor_cli_print(cli, &buffer);
}

/* Behind a method, whose paths are wanted, those; else names. */
static void write_routes(
	const struct cor_cli *cli, const struct cor_node *list, struct cor_buffer *buffer)
{
	const char *after = cor_cli_value(cli, "--after");
	bool has_path = false;

	for (size_t i = 0; after && i < cor_node_len(list); i++) {
		const struct cor_node *route = cor_node_item(list, i);
		if (strcmp(cor_cli_member(cli, route, "method"), after) != 0)
			continue;
		cor_buffer_printf(buffer, "%s\n", cor_cli_member(cli, route, "path"));
		has_path = true;
	}
	for (size_t i = 0; !has_path && i < cor_node_len(list); i++)
		cor_buffer_printf(
			buffer, "%s\n", cor_cli_member(cli, cor_node_item(list, i), "operation"));
}

/* Of the program as it was built last: nobody waits for make at the end of a line. */
static int write_operations(struct cor_cli *cli)
{
	struct cor_buffer buffer = { 0 };
	struct cor_project project;
	struct cor_node *routes;
	struct cor_str text;

	cor_project_find(cli);
	int rc = cor_project_open(cli, &project);
	if (rc == COR_CLI_OK && !cor_cli_exists(cor_cli_path(cli, project.program)))
		return COR_CLI_NOTHING;
	if (rc == COR_CLI_OK)
		rc = cor_cli_ask(cli,
			(const char *const[]){ project.program, "--print-routes", NULL }, &text);
	if (rc == COR_CLI_OK)
		rc = cor_cli_parse(cli, project.program, text, &routes);
	if (rc != COR_CLI_OK)
		return rc;
	write_routes(cli, cor_node_get(routes, "operations"), &buffer);
	return cor_cli_print(cli, &buffer);
}

static int run(struct cor_cli *cli)
{
	static const struct {
		const char *name;
		void (*write)(struct cor_buffer *buffer);
	} shells[] = { { "bash", write_bash }, { "zsh", write_zsh }, { "fish", write_fish } };
	struct cor_buffer buffer = { 0 };

	if (strcmp(cli->words[0], "tests") == 0)
		return write_tests(cli);
	if (strcmp(cli->words[0], "operations") == 0)
		return write_operations(cli);
	for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
		if (strcmp(cli->words[0], shells[i].name) != 0)
			continue;
		shells[i].write(&buffer);
		return cor_cli_print(cli, &buffer);
	}
	return COR_CLI_USAGE;
}

const struct cor_cli_verb cor_cli_completions = {
	.name = "completions",
	.arguments = "bash|zsh|fish",
	.summary = "Print what a shell needs to complete the command",
	.doc = "For bash, in ~/.bashrc: eval \"$(coracle completions bash)\"\n\n"
	       "For zsh, once: coracle completions zsh >FOLDER/_coracle, in a folder of fpath\n\n"
	       "For fish, once: coracle completions fish >~/.config/fish/completions/coracle.fish\n\n"
	       "What they offer behind coracle test is what coracle completions tests prints, behind fuzz and\n"
	       "bench what coracle completions operations prints: behind a method, which --after tells, its paths.",
	.choices = "bash zsh fish tests operations",
	.chosen_max = 1,
	.words_min = 1,
	.words_max = 1,
	.is_anywhere = true,
	.options = {
		{ "--after", NULL, "WORD", "Of operations: the word before. Behind a method come its paths" },
	},
	.run = run,
};
