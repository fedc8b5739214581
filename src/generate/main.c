/* SPDX-License-Identifier: MIT */
/* The program coracle-generate. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/api.h>
#include <coracle/error.h>

#include "base/buffer.h"
#include "generate/generate.h"

/* sysexits(3). */
enum exit_code {
	EXIT_GOOD = 0,
	EXIT_USAGE = 64,
	EXIT_DATA = 65,     /* what was read is no JSON, or no schema */
	EXIT_INPUT = 66,    /* it cannot be read */
	EXIT_SOFTWARE = 70, /* no memory */
	EXIT_OUTPUT = 73,   /* a file cannot be written, or is there already */
};

struct program {
	struct cor_generate_options options;
	const char *file;      /* "-": standard input */
	const char *directory; /* of what is written */
	bool force;
};

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
	"  --force         Replace files that are there already\n"
	"  --help          Print this\n"
	"  --version       Print the version\n"
	"\n"
	"Exit status: 0; 64 the command line, 65 FILE is no schema, 66 FILE cannot be read,\n"
	"70 there is no memory, 73 a file cannot be written or is there already.\n";

static int fail(enum exit_code code, const char *what, const char *why)
{
	fprintf(stderr, "coracle-generate: %s: %s\n", what, why);
	return (int)code;
}

/* --- the command line --- */

static const char **text_of(struct program *program, const char *option)
{
	if (strcmp(option, "--output") == 0)
		return &program->directory;
	if (strcmp(option, "--name") == 0)
		return &program->options.name;
	return strcmp(option, "--prefix") == 0 ? &program->options.prefix : NULL;
}

static bool *flag_of(struct program *program, const char *option)
{
	if (strcmp(option, "--strict") == 0)
		return &program->options.strict;
	if (strcmp(option, "--service") == 0)
		return &program->options.service;
	return strcmp(option, "--force") == 0 ? &program->force : NULL;
}

static int read_option(struct program *program, char **argv, int *at)
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
		return fail(EXIT_USAGE, option, "no such option: --help lists them");
	if (!value)
		return fail(EXIT_USAGE, option, "needs a value");
	*text = value;
	*at += !equals;
	return 0;
}

static int read_arguments(struct program *program, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int rc = 0;
		if (argv[i][0] == '-' && argv[i][1] != '\0')
			rc = read_option(program, argv, &i);
		else if (program->file)
			rc = fail(EXIT_USAGE, argv[i], "one file is read at a time");
		else
			program->file = argv[i];
		if (rc)
			return rc;
	}
	if (!program->file)
		return fail(EXIT_USAGE, "FILE", "is missing: --help says more");
	return 0;
}

/* "schemas/book.schema.json" is book. */
static char *name_of(const char *file)
{
	const char *base = strrchr(file, '/');
	char *name = strdup(strcmp(file, "-") == 0 ? "schema" : base ? base + 1 : file);

	if (name)
		name[strcspn(name, ".")] = '\0';
	return name;
}

/* --- files --- */

static int read_all(const char *file, struct cor_buffer *ret)
{
	FILE *stream = strcmp(file, "-") == 0 ? stdin : fopen(file, "rb");
	size_t bytes = 1;

	if (!stream)
		return fail(EXIT_INPUT, file, strerror(errno));
	ret->limit = COR_GENERATE_BYTES_MAX + 1;
	while (bytes) {
		char *room = cor_buffer_reserve(ret, 1 << 16);
		bytes = room ? fread(room, 1, 1 << 16, stream) : 0;
		ret->len += bytes;
	}
	int error = ferror(stream) ? errno : 0;
	if (stream != stdin)
		fclose(stream);
	if (error)
		return fail(EXIT_INPUT, file, strerror(error));
	if (cor_buffer_error(ret))
		return fail(EXIT_DATA, file, "is longer than 64 MiB");
	return 0;
}

static int write_file(const struct program *program, const char *end, struct cor_str text)
{
	struct cor_buffer path = { 0 };
	int rc = 0;

	if (text.len == 0)
		return 0;
	cor_buffer_printf(&path, "%s/%s%s", program->directory, program->options.name, end);
	cor_buffer_byte(&path, '\0');
	if (cor_buffer_error(&path))
		return fail(EXIT_SOFTWARE, "there is no memory left", program->options.name);
	FILE *stream = fopen(path.data, program->force ? "wb" : "wbx");
	if (!stream) {
		rc = fail(EXIT_OUTPUT, path.data,
			errno == EEXIST ? "is there already: --force replaces it"
					: strerror(errno));
	} else {
		bool is_written = fwrite(text.data, 1, text.len, stream) == text.len;
		int error = errno;
		if ((fclose(stream) != 0 && (error = errno)) || !is_written)
			rc = fail(EXIT_OUTPUT, path.data, strerror(error));
	}
	cor_buffer_finish(&path);
	return rc;
}

static int write_all(const struct program *program, const struct cor_generated *made)
{
	int rc = write_file(program, ".h", made->header);

	if (rc == 0)
		rc = write_file(program, ".c", made->source);
	return rc ? rc : write_file(program, "_service.c", made->service);
}

static int generate(const struct program *program, struct cor_arena *arena, struct cor_str text)
{
	struct cor_generated made;
	int rc = cor_generate(arena, text, &program->options, &made);

	for (const struct cor_generate_note *note = made.notes; note; note = note->next)
		fprintf(stderr, "%s#%s: %s\n", program->file, note->where, note->text);
	if (rc == -ENOMEM)
		return fail(EXIT_SOFTWARE, program->file, cor_strerror(rc));
	if (rc < 0)
		return fail(EXIT_DATA, program->file, made.problem);
	if (program->options.service && made.service.len == 0)
		return fail(EXIT_DATA, program->file, "--service: it has no operations");
	return write_all(program, &made);
}

static int run(struct program *program)
{
	struct cor_buffer text = { 0 };
	struct cor_arena arena;
	char *name = name_of(program->file);
	int rc = read_all(program->file, &text);

	if (!program->options.name)
		program->options.name = name;
	cor_arena_init(&arena, NULL, 0, 0);
	if (rc == 0)
		rc = generate(program, &arena, (struct cor_str){ text.data, text.len });
	cor_arena_finish(&arena);
	cor_buffer_finish(&text);
	free(name);
	return rc;
}

int main(int argc, char **argv)
{
	struct program program = { .directory = "." };

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0)
			return fputs(help, stdout) < 0 ? EXIT_OUTPUT : EXIT_GOOD;
		if (strcmp(argv[i], "--version") == 0)
			return printf("coracle-generate %s\n", cor_version()) < 0 ? EXIT_OUTPUT
										  : EXIT_GOOD;
	}
	int rc = read_arguments(&program, argc, argv);
	return rc ? rc : run(&program);
}
