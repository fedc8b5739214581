/* SPDX-License-Identifier: MIT */
#include "generate/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "base/buffer.h"

static int fail(const struct cor_generate_program *program, enum cor_generate_exit code,
	const char *what, const char *why)
{
	fprintf(stderr, "%s: %s: %s\n", program->name, what, why);
	return (int)code;
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

static int read_all(const struct cor_generate_program *program, struct cor_buffer *ret)
{
	const char *file = program->file;
	FILE *stream = strcmp(file, "-") == 0 ? stdin : fopen(file, "rb");
	size_t bytes = 1;

	if (!stream)
		return fail(program, COR_GENERATE_INPUT, file, strerror(errno));
	ret->limit = COR_GENERATE_BYTES_MAX + 1;
	while (bytes) {
		char *room = cor_buffer_reserve(ret, 1 << 16);
		bytes = room ? fread(room, 1, 1 << 16, stream) : 0;
		ret->len += bytes;
	}
	int error = ferror(stream) ? errno : 0;
	if (stream != stdin) /* NOLINT(analyzer-*-leak): that stays open */
		fclose(stream);
	if (error)
		return fail(program, COR_GENERATE_INPUT, file, strerror(error));
	if (cor_buffer_error(ret))
		return fail(program, COR_GENERATE_DATA, file, "is longer than 64 MiB");
	return 0;
}

static int write_file(
	const struct cor_generate_program *program, const char *end, struct cor_str text)
{
	struct cor_buffer path = { 0 };
	int rc = 0;

	if (text.len == 0)
		return 0;
	cor_buffer_printf(&path, "%s/%s%s", program->directory, program->options.name, end);
	cor_buffer_byte(&path, '\0');
	if (cor_buffer_error(&path))
		return fail(program, COR_GENERATE_SOFTWARE, "there is no memory left",
			program->options.name);
	FILE *stream = fopen(path.data, program->force ? "wb" : "wbx");
	if (!stream) {
		rc = fail(program, COR_GENERATE_OUTPUT, path.data,
			errno == EEXIST ? "is there already: --force replaces it"
					: strerror(errno));
	} else {
		bool is_written = fwrite(text.data, 1, text.len, stream) == text.len;
		int error = errno;
		if ((fclose(stream) != 0 && (error = errno)) || !is_written)
			rc = fail(program, COR_GENERATE_OUTPUT, path.data, strerror(error));
	}
	cor_buffer_finish(&path);
	return rc;
}

static int write_all(const struct cor_generate_program *program, const struct cor_generated *made)
{
	int rc = write_file(program, ".h", made->header);

	if (rc == 0)
		rc = write_file(program, ".c", made->source);
	if (rc == 0)
		rc = write_file(program, "_client.h", made->client_header);
	if (rc == 0)
		rc = write_file(program, "_client.c", made->client);
	return rc ? rc : write_file(program, "_service.c", made->service);
}

static int generate(
	const struct cor_generate_program *program, struct cor_arena *arena, struct cor_str text)
{
	struct cor_generated made;
	int rc = cor_generate(arena, text, &program->options, &made);

	for (const struct cor_generate_note *note = made.notes; note; note = note->next)
		fprintf(stderr, "%s#%s: %s\n", program->file, note->where, note->text);
	if (rc == -ENOMEM)
		return fail(program, COR_GENERATE_SOFTWARE, program->file, cor_strerror(rc));
	if (rc < 0)
		return fail(program, COR_GENERATE_DATA, program->file, made.problem);
	if ((program->options.service && made.service.len == 0) ||
		(program->options.client && made.client.len == 0))
		return fail(program, COR_GENERATE_DATA, program->file,
			program->options.client ? "--client: it has no operations"
						: "--service: it has no operations");
	return write_all(program, &made);
}

int cor_generate_run(struct cor_generate_program *program)
{
	struct cor_buffer text = { 0 };
	struct cor_arena arena;
	char *name = name_of(program->file);
	int rc = read_all(program, &text);

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
