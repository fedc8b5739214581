/* SPDX-License-Identifier: MIT */
/* A path, a query, and the encoding of their decoded text. */
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/uri.h>

#include "http/uri.h"
#include "http/uri_encode.h"
#include "target.h"

static void check_text(struct cor_str text)
{
	if (text.data[text.len] != '\0' || memchr(text.data, '\0', text.len))
		abort();
}

/* Decoded text ends in a NUL. */
static void append_encoded(
	struct cor_buffer *buffer, struct cor_arena *arena, struct cor_str decoded)
{
	if (decoded.len > 0)
		cor_buffer_append_str(buffer, cor_str(cor_percent_encode(arena, decoded.data)));
}

/* An accepted path: its reference is plain ASCII and decodes to the same text. */
static void check_path(struct cor_arena *arena, struct cor_str text)
{
	struct cor_buffer buffer = { 0 };
	struct cor_str decoded, again;

	if (text.len == 0 || text.data[0] != '/' || cor_uri_check_path(text) < 0 ||
		cor_uri_decode(arena, text, &decoded) < 0)
		return;
	cor_uri_reference(&buffer, text);
	for (size_t i = 0; i < buffer.len; i++)
		if (buffer.data[i] <= ' ' || buffer.data[i] >= 0x7f || buffer.data[i] == '"' ||
			buffer.data[i] == '\\')
			abort();
	struct cor_str reference = { buffer.data, buffer.len };
	if (text.len >= 2 && text.data[1] == '/') {
		reference.data += 2;
		reference.len -= 2;
	}
	if (cor_uri_decode(arena, reference, &again) < 0 || !cor_str_equal(decoded, again))
		abort();
	cor_buffer_finish(&buffer);
}

static void check_pairs(struct cor_arena *arena, struct cor_str text)
{
	struct cor_uri_pairs pairs, again;
	struct cor_buffer encoded = { 0 };

	if (cor_uri_split_pairs(arena, text, &pairs) < 0)
		return;
	for (size_t i = 0; i < pairs.len; i++) {
		check_text(pairs.items[i].name);
		check_text(pairs.items[i].value);
		append_encoded(&encoded, arena, pairs.items[i].name);
		cor_buffer_byte(&encoded, '=');
		append_encoded(&encoded, arena, pairs.items[i].value);
		cor_buffer_byte(&encoded, '&');
	}
	if (cor_uri_split_pairs(arena, (struct cor_str){ encoded.data, encoded.len }, &again) < 0 ||
		again.len != pairs.len)
		abort();
	for (size_t i = 0; i < pairs.len; i++)
		if (!cor_str_equal(pairs.items[i].name, again.items[i].name) ||
			!cor_str_equal(pairs.items[i].value, again.items[i].value))
			abort();
	cor_buffer_finish(&encoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);
	struct cor_arena arena;
	struct cor_str decoded;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	struct cor_str text = { copy, size };
	cor_arena_init(&arena, NULL, 0, 0);
	if (cor_uri_decode(&arena, text, &decoded) == 0)
		check_text(decoded);
	check_path(&arena, text);
	check_pairs(&arena, text);
	cor_arena_finish(&arena);
	free(copy);
	return 0;
}
