/* SPDX-License-Identifier: MIT */
/* A path, a query, and what is encoded again from them. */
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/uri.h>

#include "http/uri.h"
#include "target.h"

static void check_text(struct cor_str text)
{
	if (text.data[text.len] != '\0' || memchr(text.data, '\0', text.len))
		abort();
}

/* Decoded text has a NUL behind it. */
static void append_encoded(
	struct cor_buffer *buffer, struct cor_arena *arena, struct cor_str decoded)
{
	cor_buffer_append_str(buffer, cor_str(cor_percent_encode(arena, decoded.data)));
}

/* The reference to a path that is not refused decodes to the same segments. */
static void check_reference(
	struct cor_arena *arena, struct cor_str text, const struct cor_uri_path *path)
{
	struct cor_buffer buffer = { 0 };
	struct cor_uri_path again;

	cor_uri_reference(&buffer, text);
	struct cor_str reference = { buffer.data, buffer.len };
	if (text.len >= 2 && text.data[1] == '/') {
		reference.data += 2;
		reference.len -= 2;
	}
	if (cor_uri_split_path(arena, reference, &again) < 0 || again.len != path->len)
		abort();
	for (size_t i = 0; i < path->len; i++)
		if (!cor_str_equal(path->segments[i], again.segments[i]))
			abort();
	for (size_t i = 0; i < buffer.len; i++)
		if (buffer.data[i] <= ' ' || buffer.data[i] >= 0x7f || buffer.data[i] == '"' ||
			buffer.data[i] == '\\')
			abort();
	cor_buffer_finish(&buffer);
}

static void check_path(struct cor_arena *arena, struct cor_str text)
{
	struct cor_uri_path path, again;
	struct cor_buffer encoded = { 0 };
	int checked = cor_uri_check_path(text);

	if (cor_uri_split_path(arena, text, &path) < 0)
		return;
	if (checked < 0 && !memchr(text.data, '\0', text.len))
		abort(); /* it was to refuse no more than splitting does */
	check_reference(arena, text, &path);
	for (size_t i = 0; i < path.len; i++) {
		check_text(path.segments[i]);
		cor_buffer_byte(&encoded, '/');
		append_encoded(&encoded, arena, path.segments[i]);
	}
	if (cor_uri_split_path(arena, (struct cor_str){ encoded.data, encoded.len }, &again) < 0 ||
		again.len != path.len)
		abort();
	for (size_t i = 0; i < path.len; i++)
		if (!cor_str_equal(path.segments[i], again.segments[i]))
			abort();
	cor_buffer_finish(&encoded);
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
