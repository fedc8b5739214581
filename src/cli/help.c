/* SPDX-License-Identifier: MIT */
#include "cli/help.h"

#include <string.h>

#include "cli/plugins.h"

#define COLUMN      22
#define VERB_COLUMN 30

static const char statuses[] =
	"Exit status: 0; 1 the answer is no (a test failed, a change breaks clients, something is to\n"
	"be mended); 5 no test was selected; 64 the command line is wrong, 65 what was read is not what\n"
	"it should be, 66 a file or the project is not there, 69 a program that is needed is not there\n"
	"or failed, 70 there is no memory, 73 a file cannot be written or is there already.\n";

static void write_usage(const struct cor_cli_verb *verb, struct cor_buffer *buffer)
{
	cor_buffer_printf(
		buffer, "coracle %s%s", verb->name, verb->options[0].name ? " [OPTION ...]" : "");
	cor_buffer_printf(buffer, "%s%s", verb->arguments[0] ? " " : "", verb->arguments);
	if (verb->rest)
		cor_buffer_printf(buffer, " [-- %s]", verb->rest);
}

static void write_options(const struct cor_cli_option *options, struct cor_buffer *buffer)
{
	for (; options->name; options++) {
		size_t from = buffer->len;
		cor_buffer_printf(buffer, "  %s%s%s", options->letter ? options->letter : "",
			options->letter ? ", " : "", options->name);
		if (options->value)
			cor_buffer_printf(buffer, " %s", options->value);
		int gap = COLUMN + 2 - (int)(buffer->len - from);
		if (gap < 2)
			cor_buffer_printf(buffer, "\n%*s", COLUMN + 2, "");
		else
			cor_buffer_printf(buffer, "%*s", gap, "");
		cor_buffer_printf(buffer, "%s\n", options->doc);
	}
}

static void write_verb(const struct cor_cli_verb *verb, struct cor_buffer *buffer)
{
	cor_buffer_literal(buffer, "Usage: ");
	write_usage(verb, buffer);
	cor_buffer_printf(buffer, "\n\n%s.\n\n%s\n\n", verb->summary, verb->doc);
	if (verb->options[0].name) {
		write_options(verb->options, buffer);
		cor_buffer_byte(buffer, '\n');
	}
	cor_buffer_literal(buffer, "Options of all verbs:\n");
	write_options(cor_cli_everywhere, buffer);
}

static void write_program(const struct cor_cli *cli, struct cor_buffer *buffer)
{
	cor_buffer_literal(buffer, "Usage: coracle [OPTION ...] VERB [ARGUMENT ...]\n\n"
				   "Makes, builds, tests and examines services of Coracle.\n\n");
	for (size_t i = 0; cor_cli_verbs[i]; i++) {
		const struct cor_cli_verb *verb = cor_cli_verbs[i];
		cor_buffer_printf(buffer, "  %-*s  %s\n", VERB_COLUMN,
			cor_cli_text(cli, "%s %s", verb->name, verb->arguments), verb->summary);
	}
	cor_cli_list_plugins(cli, buffer);
	cor_buffer_byte(buffer, '\n');
	write_options(cor_cli_everywhere, buffer);
	cor_buffer_literal(buffer,
		"\ncoracle VERB --help says more. A verb that is none of these is "
		"the program coracle-VERB on PATH.\n");
	cor_buffer_printf(buffer, "\n%s", statuses);
}

void cor_cli_write_help(const struct cor_cli *cli, struct cor_buffer *buffer)
{
	if (cli->verb)
		write_verb(cli->verb, buffer);
	else
		write_program(cli, buffer);
}

/* --- the manual page --- */

/* Text as roff has it: no line of it is a request, an empty line begins a paragraph. */
static void roff(struct cor_buffer *buffer, const char *text)
{
	bool begins = true;

	for (; *text; text++) {
		if (begins && (*text == '.' || *text == '\''))
			cor_buffer_literal(buffer, "\\&");
		begins = *text == '\n';
		if (*text == '-' || *text == '\\')
			cor_buffer_printf(buffer, *text == '-' ? "\\-" : "\\e");
		else if (begins && text[1] == '\n')
			cor_buffer_literal(buffer, "\n.PP");
		else
			cor_buffer_byte(buffer, *text);
	}
}

static void roff_options(const struct cor_cli_option *options, struct cor_buffer *buffer)
{
	for (; options->name; options++) {
		cor_buffer_literal(buffer, ".TP\n.B ");
		roff(buffer, options->letter ? options->letter : "");
		cor_buffer_printf(buffer, "%s", options->letter ? ", " : "");
		roff(buffer, options->name);
		cor_buffer_printf(buffer, "%s%s\n", options->value ? " " : "",
			options->value ? options->value : "");
		roff(buffer, options->doc);
		cor_buffer_literal(buffer, ".\n");
	}
}

static void roff_verb(const struct cor_cli_verb *verb, struct cor_buffer *buffer)
{
	struct cor_buffer usage = { 0 };

	write_usage(verb, &usage);
	cor_buffer_byte(&usage, '\0');
	cor_buffer_literal(buffer, ".SS ");
	roff(buffer, usage.data ? usage.data : "");
	cor_buffer_finish(&usage);
	cor_buffer_byte(buffer, '\n');
	roff(buffer, verb->summary);
	cor_buffer_literal(buffer, ".\n.PP\n");
	roff(buffer, verb->doc);
	cor_buffer_byte(buffer, '\n');
	roff_options(verb->options, buffer);
}

void cor_cli_write_manual(struct cor_buffer *buffer)
{
	cor_buffer_literal(buffer,
		".\\\" SPDX-License-Identifier: MIT\n"
		".\\\" Made by `coracle help --man`.\n"
		".TH CORACLE 1 \"\" Coracle \"Coracle\"\n"
		".SH NAME\ncoracle \\- makes, builds, tests and examines services of Coracle\n"
		".SH SYNOPSIS\n.B coracle\n.RI [ option \" ...] \" verb \" [\" argument \" ...]\"\n"
		".SH DESCRIPTION\n"
		"A service of Coracle is a folder with a Makefile, which\n.B coracle new\nwrites.\n"
		"The verbs run make and the programs that it builds; who does without them has make alone.\n"
		"A verb that is none of these is the program\n.BI coracle\\- verb\non PATH.\n"
		".SH OPTIONS\n");
	roff_options(cor_cli_everywhere, buffer);
	cor_buffer_literal(buffer, ".SH VERBS\n");
	for (size_t i = 0; cor_cli_verbs[i]; i++)
		roff_verb(cor_cli_verbs[i], buffer);
	cor_buffer_literal(buffer, ".SH EXIT STATUS\n");
	roff(buffer, statuses + strlen("Exit status: "));
	cor_buffer_literal(buffer,
		"A verb that runs another program ends with that one's status.\n"
		".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nNo colours, whatever the terminal.\n"
		".TP\n.B CORACLE\nIs set for programs\n.BI coracle\\- verb\nto the path of this one.\n"
		".SH SEE ALSO\n.BR coracle-generate (1),\n.BR coracle-service (7)\n");
}

/* --- the verb --- */

static int run(struct cor_cli *cli)
{
	struct cor_buffer buffer = { 0 };
	const struct cor_cli_verb *help = cli->verb;

	if (cor_cli_has(cli, "--man")) {
		cor_cli_write_manual(&buffer);
		return cor_cli_print(cli, &buffer);
	}
	cli->verb = cli->words_len ? cor_cli_verb(cli->words[0]) : NULL;
	if (cli->words_len && !cli->verb) {
		const struct cor_cli_verb *meant = cor_cli_verb_meant(cli->words[0]);
		cli->verb = help;
		return cor_cli_fail(cli, COR_CLI_USAGE, "there is no verb %s%s%s%s", cli->words[0],
			meant ? ": did you mean " : "", meant ? meant->name : "", meant ? "?" : "");
	}
	cor_cli_write_help(cli, &buffer);
	return cor_cli_print(cli, &buffer);
}

const struct cor_cli_verb cor_cli_help = {
	.name = "help",
	.arguments = "[VERB]",
	.summary = "Print what there is to say of the program, or of a verb",
	.doc = "The same as --help.",
	.choices = "VERB",
	.words_max = 1,
	.options = { { "--man", NULL, NULL, "Print the manual page, for man(1)" } },
	.is_anywhere = true,
	.run = run,
};
