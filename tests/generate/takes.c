/* SPDX-License-Identifier: MIT */
/*
 * Whether the table that is generated from a schema takes a document: takes SCHEMA DOCUMENT prints
 * what is wrong with it, a line each, and returns 1.
 */
#include <stdio.h>

#include <coracle/error.h>
#include <coracle/schema.h>

#include "generate/generate.h"

#define TEXT_MAX ((size_t)32 << 20)

static struct cor_str read_file(struct cor_arena *arena, const char *path)
{
	FILE *stream = fopen(path, "rb");
	char *text = cor_arena_alloc(arena, TEXT_MAX);
	size_t len = stream && text ? fread(text, 1, TEXT_MAX, stream) : 0;

	if (stream)
		fclose(stream);
	return (struct cor_str){ text, len };
}

static int decode(struct cor_arena *arena, const struct cor_schema *schema, struct cor_str text)
{
	struct cor_violations why = { 0 };
	struct cor_codec *codec;
	int rc = cor_codec_create(&schema, 1, &codec, arena, &why);

	if (rc < 0)
		return rc;
	void *value = cor_arena_zalloc(arena, schema->size);
	rc = value ? cor_decode_json(codec, arena, schema, value, text, &why) : -1;
	for (const struct cor_violation *one = why.first; one; one = one->next)
		printf("%s: %s\n", one->where, one->detail);
	cor_codec_destroy(codec);
	return rc;
}

int main(int argc, char **argv)
{
	const struct cor_generate_options options = { .name = "document" };
	struct cor_generated made = { 0 };
	struct cor_arena arena;
	int rc = -1;

	cor_arena_init(&arena, NULL, 0, 0);
	if (argc == 3)
		rc = cor_generate(&arena, read_file(&arena, argv[1]), &options, &made);
	if (rc < 0 || !made.tried)
		printf("no table: %s\n", made.problem ? made.problem : "usage");
	else
		rc = decode(&arena, made.tried, read_file(&arena, argv[2]));
	cor_arena_finish(&arena);
	return rc < 0 || !made.tried;
}
