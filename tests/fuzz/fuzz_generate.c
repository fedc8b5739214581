/* SPDX-License-Identifier: MIT */
/*
 * The input is a document. Whatever it is, there is C or a sentence; the C is text, is the same
 * again, and its tables are such as start; little memory is an error and nothing worse.
 */
#include "target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/schema.h>

#include "generate/generate.h"

#define MEMORY_MAX ((size_t)256 << 20)

static void need(int holds)
{
	if (!holds)
		abort();
}

static void need_text(struct cor_str text)
{
	need(text.len == 0 || (memchr(text.data, 0, text.len) == NULL && text.data[text.len] == 0));
}

static void need_start(struct cor_arena *arena, const struct cor_schema *schema)
{
	struct cor_violations why = { 0 };
	struct cor_codec *codec;
	int rc = cor_codec_create(&schema, 1, &codec, arena, &why);

	need(rc == 0 || rc == -ENOMEM);
	if (rc == 0)
		cor_codec_destroy(codec);
}

static void check(struct cor_arena *arena, const struct cor_generated *made, int rc)
{
	if (rc < 0) {
		need(rc == -ENOMEM || made->problem != NULL);
		return;
	}
	need(made->header.len > 0 && made->source.len > 0);
	need_text(made->header);
	need_text(made->source);
	need_text(made->service);
	if (made->tried)
		need_start(arena, made->tried);
}

static int generate(struct cor_arena *arena, struct cor_str document,
	const struct cor_generate_options *options, struct cor_generated *ret)
{
	int rc = cor_generate(arena, document, options, ret);

	check(arena, ret, rc);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct cor_generate_options options = { .name = "fuzz", .service = true }, others = {
		.name = "1-9", .prefix = "p_", .strict = true
	};
	const struct cor_str document = { (const char *)data, size };
	struct cor_generated first, again, other;
	struct cor_arena arena, small;

	cor_arena_init(&arena, NULL, 0, MEMORY_MAX);
	cor_arena_init(&small, NULL, 0, 4096 + 64 * size);
	if (generate(&arena, document, &options, &first) == 0 &&
		generate(&arena, document, &options, &again) == 0) {
		need(cor_str_equal(first.header, again.header));
		need(cor_str_equal(first.source, again.source));
		need(cor_str_equal(first.service, again.service));
		need(first.notes_len == again.notes_len);
	}
	cor_ignore(generate(&arena, document, &others, &other));
	cor_ignore(generate(&small, document, &options, &other));
	cor_arena_finish(&small);
	cor_arena_finish(&arena);
	return 0;
}
