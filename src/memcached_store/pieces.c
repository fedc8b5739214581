/* SPDX-License-Identifier: MIT */
#include "memcached_store/pieces.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/random.h>

#include "memcached_store/entry.h"

/* What an item takes besides: its header, the key, what we put before the value. */
#define SLACK_BYTES 4096
#define PIECES_MAX  65536

struct manifest {
	char id[COR_MEMCACHED_ID_BYTES];
	uint32_t total;
	uint32_t piece; /* bytes of each but the last */
};

static size_t piece_bytes(const struct cor_memcached *options)
{
	return options->item_bytes / 2;
}

bool cor_memcached_is_to_be_cut(
	const struct cor_memcached *options, const struct cor_memcached_outgoing *out)
{
	return out->head.len + out->body.len + SLACK_BYTES > options->item_bytes;
}

/* --- the manifest --- */

static void draw_id(char id[COR_MEMCACHED_ID_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[COR_MEMCACHED_ID_BYTES / 2];

	cor_random_fill(bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++) {
		id[2 * i] = digits[bytes[i] >> 4];
		id[2 * i + 1] = digits[bytes[i] & 15];
	}
}

static void put_number(char *at, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		at[i] = (char)(number >> 8 * i);
}

static uint32_t get_number(const char *at)
{
	uint32_t number = 0;

	for (int i = 0; i < 4; i++)
		number |= (uint32_t)(unsigned char)at[i] << 8 * i;
	return number;
}

static void print_manifest(const struct manifest *manifest, char text[COR_MEMCACHED_MANIFEST_BYTES])
{
	memcpy(text, manifest->id, sizeof manifest->id);
	put_number(text + COR_MEMCACHED_ID_BYTES, manifest->total);
	put_number(text + COR_MEMCACHED_ID_BYTES + 4, manifest->piece);
}

static int read_manifest(struct cor_str text, struct manifest *ret)
{
	if (text.len != COR_MEMCACHED_MANIFEST_BYTES)
		return -ENOENT;
	memcpy(ret->id, text.data, sizeof ret->id);
	ret->total = get_number(text.data + COR_MEMCACHED_ID_BYTES);
	ret->piece = get_number(text.data + COR_MEMCACHED_ID_BYTES + 4);
	for (size_t i = 0; i < sizeof ret->id; i++)
		if (!strchr("0123456789abcdef", ret->id[i]) || ret->id[i] == '\0')
			return -ENOENT;
	if (ret->total > COR_CACHE_VALUE_BYTES_MAX || ret->piece == 0 ||
		ret->total / ret->piece >= PIECES_MAX)
		return -ENOENT;
	return 0;
}

static uint32_t pieces_of(const struct manifest *manifest)
{
	return (manifest->total + manifest->piece - 1) / manifest->piece;
}

static uint32_t bytes_of(const struct manifest *manifest, uint32_t index)
{
	uint32_t left = manifest->total - index * manifest->piece;

	return left < manifest->piece ? left : manifest->piece;
}

/* --- pieces --- */

static int put_piece(struct cor_memcached_turn *turn, const struct manifest *manifest,
	uint32_t index, struct cor_str all, int64_t ttl_ms)
{
	const struct cor_memcached_outgoing out = {
		.head = { manifest->id, sizeof manifest->id },
		.body = { all.data + (size_t)index * manifest->piece, bytes_of(manifest, index) },
	};
	struct cor_memcached_ask ask = { .request = { .how = COR_PUT_ALWAYS } };

	cor_memcached_key_of_piece(manifest->id, index, &ask.request.key);
	cor_memcached_fill_put(turn->link, &out, ttl_ms, &ask.request);
	int rc = cor_memcached_turn_ask(turn, &ask);
	return rc == 0 ? cor_memcached_put_result(&ask) : rc;
}

int cor_memcached_put_pieces(
	struct cor_memcached_turn *turn, struct cor_memcached_outgoing *out, int64_t ttl_ms)
{
	struct manifest manifest = { .total = (uint32_t)out->body.len,
		.piece = (uint32_t)piece_bytes(&turn->state->options) };
	char text[COR_MEMCACHED_MANIFEST_BYTES];
	int rc = 0;

	draw_id(manifest.id);
	for (uint32_t i = 0; i < pieces_of(&manifest) && rc == 0; i++)
		rc = put_piece(turn, &manifest, i, out->body, ttl_ms);
	if (rc < 0)
		return rc;
	print_manifest(&manifest, text);
	cor_memcached_outgoing_cut(out, text);
	return 0;
}

static int load_piece(
	struct cor_memcached_turn *turn, const struct manifest *manifest, uint32_t index, char *ret)
{
	struct cor_arena arena = { 0 };
	struct cor_memcached_ask ask = { .request = { .kind = COR_MEMCACHED_GET },
		.arena = &arena };
	uint32_t bytes = bytes_of(manifest, index);

	cor_memcached_key_of_piece(manifest->id, index, &ask.request.key);
	int rc = cor_memcached_turn_ask(turn, &ask);
	bool is_right = rc == 0 && ask.code == COR_MEMCACHED_VALUE &&
			ask.value.len == sizeof manifest->id + bytes &&
			memcmp(ask.value.data, manifest->id, sizeof manifest->id) == 0;
	if (is_right)
		memcpy(ret, ask.value.data + sizeof manifest->id, bytes);
	else if (rc == 0)
		rc = -ENOENT;
	cor_arena_finish(&arena);
	return rc;
}

int cor_memcached_load_pieces(struct cor_memcached_turn *turn, struct cor_arena *arena,
	struct cor_str text, struct cor_str *ret)
{
	struct manifest manifest;
	int rc = read_manifest(text, &manifest);

	if (rc < 0)
		return rc;
	char *all = cor_arena_alloc(arena, (size_t)manifest.total + 1);
	if (!all)
		return -ENOMEM;
	for (uint32_t i = 0; i < pieces_of(&manifest) && rc == 0; i++)
		rc = load_piece(turn, &manifest, i, all + (size_t)i * manifest.piece);
	if (rc == 0)
		*ret = (struct cor_str){ all, manifest.total };
	return rc;
}

int cor_memcached_touch_pieces(
	struct cor_memcached_turn *turn, struct cor_str text, int64_t exptime)
{
	struct manifest manifest;
	int rc = read_manifest(text, &manifest);

	for (uint32_t i = 0; rc == 0 && i < pieces_of(&manifest); i++) {
		struct cor_memcached_ask ask = { .request = { .kind = COR_MEMCACHED_TOUCH,
							 .exptime = exptime } };
		cor_memcached_key_of_piece(manifest.id, i, &ask.request.key);
		rc = cor_memcached_turn_ask(turn, &ask);
		if (rc == 0 && ask.code != COR_MEMCACHED_DONE)
			rc = -ENOENT;
	}
	return rc;
}
