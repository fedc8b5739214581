/* SPDX-License-Identifier: MIT */
/*
 * Bytes into a struct with every kind of row, once as JSON and once as parameters. What was
 * accepted must come out as JSON that is accepted again and comes out the same; a refusal must have
 * been reported.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/schema.h>

#include "schema/bind.h"

#include "every_row.h"
#include "target.h"

#define PAIRS_MAX 32

static struct cor_codec *make_codec(void)
{
	const struct cor_schema *schemas[] = { &all_schema.schema };
	struct cor_codec *codec;

	if (cor_codec_create(schemas, 1, &codec, NULL, NULL) < 0)
		abort();
	return codec;
}

/* The JSON of a good struct must be accepted and come out the same. */
static void there_and_back(struct cor_codec *codec, struct cor_arena *arena, const struct all *all)
{
	struct cor_violations violations = { 0 };
	struct cor_str first, second;
	struct all again;
	int rc = cor_encode(codec, arena, all_schema, all, &first);

	if (rc == -COR_ETOOLARGE || rc == -ENOMEM)
		return; /* raw JSON inside makes it deeper than before */
	if (rc < 0)
		abort();
	rc = cor_decode(codec, arena, all_schema, &again, first, &violations);
	if (rc == -COR_ETOOLARGE || rc == -ENOMEM)
		return;
	if (rc < 0 || cor_encode(codec, arena, all_schema, &again, &second) < 0)
		abort();
	if (!cor_str_equal(first, second))
		abort();
}

static void judge(struct cor_codec *codec, struct cor_arena *arena, const struct all *all, int rc,
	const struct cor_violations *violations)
{
	if (rc == 0 && violations->count == 0)
		there_and_back(codec, arena, all);
	else if (rc != -ENOMEM && (rc == 0 || violations->count == 0))
		abort();
}

/* Name and value in turn, each ended by a NUL. */
static size_t split(const uint8_t *data, size_t size, struct cor_bind_pair *pairs)
{
	struct cor_str parts[2 * PAIRS_MAX] = { 0 };
	size_t len = 0;

	for (size_t at = 0; at < size && len < 2 * PAIRS_MAX; len++) {
		const uint8_t *stop = memchr(data + at, 0, size - at);
		size_t part = stop ? (size_t)(stop - data) - at : size - at;
		parts[len] = (struct cor_str){ (const char *)data + at, part };
		at += part + 1;
	}
	for (size_t i = 0; i < len / 2; i++)
		pairs[i] = (struct cor_bind_pair){ parts[2 * i], parts[2 * i + 1] };
	return len / 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cor_codec *codec;
	const struct cor_str text = { (const char *)data, size };
	struct cor_bind_pair pairs[PAIRS_MAX];
	struct cor_violations violations = { 0 };
	struct cor_arena arena;
	struct all all;

	if (!codec)
		codec = make_codec();
	cor_arena_init(&arena, NULL, 0, 1 << 20);
	int rc = cor_decode(codec, &arena, all_schema, &all, text, &violations);
	judge(codec, &arena, &all, rc, &violations);
	cor_arena_reset(&arena);

	size_t len = split(data, size, pairs);
	enum cor_from source = size % 2 ? COR_FROM_QUERY : COR_FROM_HEADER;
	violations = (struct cor_violations){ 0 };
	memset(&all, 0, sizeof all);
	rc = cor_bind(
		codec, &arena, &all_schema.schema, source, source, pairs, len, &all, &violations);
	judge(codec, &arena, &all, rc, &violations);
	cor_arena_finish(&arena);
	return 0;
}
