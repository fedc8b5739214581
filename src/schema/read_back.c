/* SPDX-License-Identifier: MIT */
#include "schema/read_back.h"

#include <errno.h>
#include <stdio.h>

#include <coracle/error.h>

#include "schema/codec.h"
#include "schema/decode.h"

bool cor_read_back_is_due(struct cor_codec *codec)
{
	bool is_due = codec->unread == 0;

	codec->unread = is_due ? COR_READ_BACK_EACH - 1 : codec->unread - 1;
	return is_due;
}

static void say(const struct cor_schema *schema, const struct cor_violations *found,
	struct cor_encode_fault *ret)
{
	const struct cor_violation *first = found->first;
	int len;

	if (!first)
		return;
	len = snprintf(ret->text, sizeof ret->text, "what is sent breaks its table: %s: %s%s%s",
		schema->symbol, first->where, first->where[0] ? " " : "", first->detail);
	if (found->count > 1 && len > 0 && (size_t)len < sizeof ret->text)
		snprintf(ret->text + len, sizeof ret->text - (size_t)len, " (and %zu more)",
			found->count - 1);
}

static int read_back(struct cor_codec *codec, const struct cor_schema *schema, bool is_part,
	struct cor_str text, struct cor_arena *arena, struct cor_encode_fault *ret_fault)
{
	const struct cor_decode_options options = {
		.use = COR_USE_ANSWER,
		.depth_max = COR_JSON_OUTPUT_DEPTH_MAX,
		.was_written = true,
		.is_part = is_part,
	};
	struct cor_violations found = { 0 };
	void *value = cor_arena_zalloc(arena, schema->size);

	if (!value)
		return -ENOMEM;
	int rc = cor_decode_text(codec, arena, schema, &options, value, text, &found);
	say(schema, &found, ret_fault);
	return rc;
}

int cor_read_back(struct cor_codec *codec, const struct cor_schema *schema, bool is_part,
	struct cor_str text, struct cor_encode_fault *ret_fault)
{
	struct cor_arena arena;

	ret_fault->text[0] = '\0';
	cor_arena_init(&arena, NULL, 0, 0);
	int rc = read_back(codec, schema, is_part, text, &arena, ret_fault);
	cor_arena_finish(&arena);
	return rc;
}
