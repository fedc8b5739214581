/* SPDX-License-Identifier: MIT */
/*
 * The input is an array of a document and a patch. The document becomes a struct, and is patched as
 * one, by JSON Patch and by merge patch: what comes out obeys the table, so it comes out the same
 * once more, and the struct that was given has not changed.
 */
#include <stdlib.h>

#include <coracle/error.h>
#include <coracle/json_patch_struct.h>

#include "every_row.h"
#include "target.h"

static void need(int holds)
{
	if (!holds)
		abort();
}

static struct cor_codec *make_codec(void)
{
	const struct cor_schema *schemas[] = { &all_schema.schema };
	struct cor_codec *codec;

	need(cor_codec_create(schemas, 1, &codec, NULL, NULL) == 0);
	return codec;
}

/* Whether memory and depth suffice; nothing else can be wrong with a struct that was read. */
static int text_of(struct cor_codec *codec, struct cor_arena *arena, const struct all *all,
	struct cor_str *ret)
{
	int rc = cor_encode(codec, arena, all_schema, all, ret);

	need(rc == 0 || rc == -ENOMEM || rc == -COR_ETOOLARGE);
	return rc == 0;
}

static void check_result(struct cor_codec *codec, struct cor_arena *arena, const struct all *result)
{
	struct cor_violations violations = { 0 };
	struct cor_str text, second;
	struct all again;

	if (!text_of(codec, arena, result, &text))
		return;
	int rc = cor_decode(codec, arena, all_schema, &again, text, &violations);
	need(rc == 0 || rc == -ENOMEM || rc == -COR_ETOOLARGE);
	if (rc == 0 && text_of(codec, arena, &again, &second))
		need(cor_str_equal(text, second));
}

static void patch(struct cor_codec *codec, struct cor_arena *arena, const struct all *all,
	const struct cor_node *patch)
{
	struct cor_violations violations = { 0 };
	struct cor_patch_error error = { 0 };
	struct cor_str before, after;
	struct all result;

	if (!text_of(codec, arena, all, &before))
		return;
	int rc = cor_patch_struct(
		codec, arena, all_schema, all, patch, &result, &violations, &error);
	if (rc == 0)
		check_result(codec, arena, &result);
	else
		need(error.reason || violations.count || rc == -ENOMEM || rc == -COR_ETOOLARGE);
	violations = (struct cor_violations){ 0 };
	rc = cor_merge_patch_struct(codec, arena, all_schema, all, patch, &result, &violations);
	if (rc == 0)
		check_result(codec, arena, &result);
	else
		need(violations.count || rc == -ENOMEM || rc == -COR_ETOOLARGE);
	if (text_of(codec, arena, all, &after))
		need(cor_str_equal(before, after));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cor_codec *codec;
	struct cor_violations violations = { 0 };
	struct cor_arena arena;
	struct cor_node *input;
	struct cor_str document;
	struct all all;

	if (!codec)
		codec = make_codec();
	cor_arena_init(&arena, NULL, 0, (size_t)64 << 20);
	if (cor_node_parse(&arena, (struct cor_str){ (const char *)data, size }, NULL, &input,
		    NULL) == 0 &&
		cor_node_len(input) == 2 &&
		cor_node_print(&arena, cor_node_item(input, 0), &document) == 0 &&
		cor_decode(codec, &arena, all_schema, &all, document, &violations) == 0)
		patch(codec, &arena, &all, cor_node_item(input, 1));
	cor_arena_finish(&arena);
	return 0;
}
