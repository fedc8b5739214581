/* SPDX-License-Identifier: MIT */
/* The program coracle-generate. */
#include <stdio.h>
#include <string.h>

#include <coracle/api.h>

#include "generate/program.h"

static const char help[] =
	"Usage: coracle-generate [OPTION ...] FILE\n"
	"\n"
	"Writes structs and field tables in C from a JSON Schema or an OpenAPI document. FILE is JSON;\n"
	"- is standard input. What a table cannot say is told on standard error, a line each.\n"
	"\n"
	"  --output DIR    Write into this folder, which is there; default: the current one\n"
	"  --name NAME     Write NAME.h and NAME.c; default: the file's name without its ending\n"
	"  --prefix NAME_  Put this in front of each name of C\n"
	"  --strict        Refuse members that a schema does not list, unless it allows them with\n"
	"                  \"additionalProperties\"\n"
	"  --service       Write NAME_service.c, too: the operations of an OpenAPI document, with\n"
	"                  handlers to fill in\n"
	"  --client        Write NAME_client.h and NAME_client.c, too: a function for each operation,\n"
	"                  which calls it\n"
	"  --force         Replace files that are there already\n"
	"  --help          Print this\n"
	"  --version       Print the version\n"
	"\n"
	"Exit status: 0; 64 the command line, 65 FILE is no schema, 66 FILE cannot be read,\n"
	"70 there is no memory, 73 a file cannot be written or is there already.\n";

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "coracle-generate: %s: %s\n", what, why);
	return COR_GENERATE_USAGE;
}

/* --- the command line --- */

static const char **text_of(struct cor_generate_program *program, const char *option)
{
	if (strcmp(option, "--output") == 0)
		return &program->directory;
	if (strcmp(option, "--name") == 0)
		return &program->options.name;
	return strcmp(option, "--prefix") == 0 ? &program->options.prefix : NULL;
}

static bool *flag_of(struct cor_generate_program *program, const char *option)
{
	if (strcmp(option, "--strict") == 0)
		return &program->options.strict;
	if (strcmp(option, "--service") == 0)
		return &program->options.service;
	if (strcmp(option, "--client") == 0)
		return &program->options.client;
	return strcmp(option, "--force") == 0 ? &program->force : NULL;
}

static int read_option(struct cor_generate_program *program, char **argv, int *at)
{
	char *option = argv[*at], *equals = strchr(option, '=');
	const char *value = equals ? equals + 1 : argv[*at + 1];

	if (equals)
		*equals = '\0';
	const char **text = text_of(program, option);
	bool *flag = equals ? NULL : flag_of(program, option);
	if (flag) {
		*flag = true;
		return 0;
	}
	if (!text)
		return fail(option, "no such option: --help lists them");
	if (!value)
		return fail(option, "needs a value");
	*text = value;
	*at += !equals;
	return 0;
}

static int read_arguments(struct cor_generate_program *program, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int rc = 0;
		if (argv[i][0] == '-' && argv[i][1] != '\0')
			rc = read_option(program, argv, &i);
		else if (program->file)
			rc = fail(argv[i], "one file is read at a time");
		else
			program->file = argv[i];
		if (rc)
			return rc;
	}
	if (!program->file)
		return fail("FILE", "is missing: --help says more");
	if (program->options.service && program->options.client)
		return fail("--client", "not with --service: one of them at a time");
	return 0;
}

int main(int argc, char **argv)
{
	struct cor_generate_program program = { .name = "coracle-generate", .directory = "." };

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0)
			return fputs(help, stdout) < 0 ? COR_GENERATE_OUTPUT : COR_GENERATE_GOOD;
		if (strcmp(argv[i], "--version") == 0)
			return printf("coracle-generate %s\n", cor_version()) < 0
				       ? COR_GENERATE_OUTPUT
				       : COR_GENERATE_GOOD;
	}
	int rc = read_arguments(&program, argc, argv);
	return rc ? rc : cor_generate_run(&program);
}
