/* SPDX-License-Identifier: MIT */
#include "cli/command_line.h"

#include <string.h>

#include "cli/guess.h"

/* The name of the option that a misspelt one may mean; NULL: none. */
static const char *meant(const struct cor_cli_option *options, const char *name)
{
	for (; options->name; options++) {
		if (cor_guess_distance(name, options->name) < COR_GUESS_FAR)
			return options->name;
	}
	return NULL;
}

static int unknown(const struct cor_cli *cli, const char *name, size_t len)
{
	const char *plain = cor_cli_text(cli, "%.*s", (int)len, name);
	const char *near = cli->verb ? meant(cli->verb->options, plain) : NULL;

	if (!near)
		near = meant(cor_cli_everywhere, plain);
	if (cli->verb && cli->verb->rest)
		return cor_cli_fail(cli, COR_CLI_USAGE,
			"no option %s of coracle %s%s%s%s; what is for the program that it runs stands "
			"behind --: coracle %s -- %s",
			plain, cli->verb->name, near ? ": did you mean " : "", near ? near : "",
			near ? "?" : "", cli->verb->name, plain);
	return near ? cor_cli_fail(
			      cli, COR_CLI_USAGE, "no option %s: did you mean %s?", plain, near)
		    : cor_cli_fail(cli, COR_CLI_USAGE, "no option %s: --help lists them", plain);
}

/* What is asked of the program itself. */
static void set_everywhere(struct cor_cli *cli, const struct cor_cli_option *option,
	const char *value, enum cor_cli_asks *asks)
{
	if (option == &cor_cli_everywhere[0])
		cli->folder = value;
	else if (option == &cor_cli_everywhere[1])
		cli->is_verbose = true;
	else if (*asks == COR_CLI_RUNS)
		*asks = option == &cor_cli_everywhere[2] ? COR_CLI_ASKS_HELP : COR_CLI_ASKS_VERSION;
}

static bool is_everywhere(const struct cor_cli_option *option)
{
	for (const struct cor_cli_option *at = cor_cli_everywhere; at->name; at++) {
		if (at == option)
			return true;
	}
	return false;
}

static void take_value(struct cor_cli *cli, const struct cor_cli_option *option, const char *value)
{
	cli->values[option - cli->verb->options] = value;
	cli->given[cli->given_len++] = (struct cor_cli_given){ option, value };
}

/* "--name", "--name=value" or "-k" at argv[*at]; what follows it may be its value. */
static int read_option(struct cor_cli *cli, char **argv, int *at, enum cor_cli_asks *asks)
{
	const char *text = argv[*at], *equals = strchr(text, '=');
	size_t len = equals ? (size_t)(equals - text) : strlen(text);
	const struct cor_cli_option *option = cor_cli_option(cli->verb, text, len);
	const char *value = "";

	if (!option)
		return unknown(cli, text, len);
	if (option->value) {
		value = equals ? equals + 1 : argv[*at + 1];
		if (!value)
			return cor_cli_fail(
				cli, COR_CLI_USAGE, "%s needs %s", option->name, option->value);
		*at += !equals;
	} else if (equals) {
		return cor_cli_fail(cli, COR_CLI_USAGE, "%s takes no value", option->name);
	}
	if (is_everywhere(option))
		set_everywhere(cli, option, value, asks);
	else
		take_value(cli, option, value);
	return COR_CLI_OK;
}

static bool is_choice(const char *word, const char *choices)
{
	size_t len = strlen(word);

	for (const char *at = choices; *at; at += strcspn(at, " "), at += strspn(at, " ")) {
		if (strcspn(at, " ") == len && memcmp(at, word, len) == 0)
			return true;
	}
	return false;
}

/* With commas between them. */
static const char *listed(const struct cor_cli *cli, const char *choices)
{
	struct cor_buffer buffer = { 0 };

	for (; *choices; choices++) {
		if (*choices == ' ')
			cor_buffer_byte(&buffer, ',');
		cor_buffer_byte(&buffer, *choices);
	}
	cor_buffer_byte(&buffer, '\0');
	return cor_cli_take(cli, &buffer).data;
}

static int check_choices(const struct cor_cli *cli)
{
	const struct cor_cli_verb *verb = cli->verb;

	for (size_t i = 0; i < cli->words_len && i < verb->chosen_max; i++) {
		if (is_choice(cli->words[i], verb->choices))
			continue;
		struct cor_str meant = cor_guess_word(cli->words[i], verb->choices);
		if (meant.len)
			return cor_cli_fail(cli, COR_CLI_USAGE, "%s: did you mean %.*s?",
				cli->words[i], (int)meant.len, meant.data);
		return cor_cli_fail(cli, COR_CLI_USAGE, "%s: there are %s", cli->words[i],
			listed(cli, verb->choices));
	}
	return COR_CLI_OK;
}

static int check_words(const struct cor_cli *cli)
{
	const struct cor_cli_verb *verb = cli->verb;

	if (cli->words_len < verb->words_min)
		return cor_cli_fail(cli, COR_CLI_USAGE,
			"%s is missing: coracle %s --help says more", verb->arguments, verb->name);
	if (cli->words_len > verb->words_max)
		return cor_cli_fail(cli, COR_CLI_USAGE,
			"%s is too much: coracle %s --help says more", cli->words[verb->words_max],
			verb->name);
	if (cli->rest_len && !verb->rest)
		return cor_cli_fail(cli, COR_CLI_USAGE, "nothing may follow --");
	return check_choices(cli);
}

/* The word at argv[at] is the verb, or a word for it. */
static int take_word(struct cor_cli *cli, char **argv, int at, enum cor_cli_asks *asks)
{
	if (cli->verb) {
		cli->words[cli->words_len++] = argv[at];
		return COR_CLI_OK;
	}
	cli->verb = cor_cli_verb(argv[at]);
	if (!cli->verb) {
		cli->rest = argv + at;
		*asks = COR_CLI_ASKS_PLUGIN;
	}
	return COR_CLI_OK;
}

int cor_cli_read(struct cor_cli *cli, int argc, char **argv, enum cor_cli_asks *ret_asks)
{
	int rc = COR_CLI_OK;

	*ret_asks = COR_CLI_RUNS;
	cli->words = cor_cli_alloc(cli, ((size_t)argc + 1) * sizeof *cli->words);
	cli->given = cor_cli_alloc(cli, ((size_t)argc + 1) * sizeof *cli->given);
	for (int i = 1; i < argc && rc == COR_CLI_OK; i++) {
		if (cli->verb && strcmp(argv[i], "--") == 0) {
			cli->rest = argv + i + 1;
			cli->rest_len = (size_t)(argc - i - 1);
			break;
		}
		rc = argv[i][0] == '-' && argv[i][1] ? read_option(cli, argv, &i, ret_asks)
						     : take_word(cli, argv, i, ret_asks);
		if (*ret_asks == COR_CLI_ASKS_PLUGIN)
			return rc;
	}
	if (rc != COR_CLI_OK || *ret_asks != COR_CLI_RUNS)
		return rc;
	if (!cli->verb) {
		*ret_asks = COR_CLI_ASKS_HELP;
		return COR_CLI_OK;
	}
	return check_words(cli);
}
