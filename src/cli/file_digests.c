/* SPDX-License-Identifier: MIT */
#include "cli/file_digests.h"

#include <stdio.h>
#include <string.h>

#define FIRST_SIZE 1024

static void print_digest(struct cor_sha256 *hash, char ret[COR_DIGEST_TEXT_BYTES])
{
	unsigned char digest[COR_SHA256_BYTES];

	cor_sha256_end(hash, digest);
	for (size_t i = 0; i < sizeof digest; i++)
		snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

void cor_words_digest(const char *const *words, char ret[COR_DIGEST_TEXT_BYTES])
{
	struct cor_sha256 hash;

	cor_sha256_begin(&hash);
	for (; *words; words++)
		cor_sha256_add(&hash, *words, strlen(*words) + 1);
	print_digest(&hash, ret);
}

static void read_digest(struct cor_file_digest *file)
{
	FILE *stream = fopen(file->path, "rbe");
	struct cor_sha256 hash;
	char piece[1 << 14];
	size_t bytes;

	memcpy(file->text, "-", 2);
	if (!stream)
		return;
	cor_sha256_begin(&hash);
	while ((bytes = fread(piece, 1, sizeof piece, stream)))
		cor_sha256_add(&hash, piece, bytes);
	if (!ferror(stream))
		print_digest(&hash, file->text);
	fclose(stream);
}

/* Where the path is, or would be: the slots are never full. */
static struct cor_file_digest **slot_of(const struct cor_file_digests *digests, const char *path)
{
	uint32_t at = 2166136261; /* FNV-1a */

	for (const char *byte = path; *byte; byte++)
		at = (at ^ (unsigned char)*byte) * 16777619;
	for (;; at++) {
		struct cor_file_digest **slot = &digests->slots[at & (digests->size - 1)];
		if (!*slot || strcmp((*slot)->path, path) == 0)
			return slot;
	}
}

static void grow(struct cor_file_digests *digests)
{
	struct cor_file_digests larger = *digests;

	larger.size = digests->size ? digests->size * 2 : FIRST_SIZE;
	larger.slots = cor_cli_alloc(digests->cli, larger.size * sizeof(struct cor_file_digest *));
	for (size_t i = 0; i < digests->size; i++)
		if (digests->slots[i])
			*slot_of(&larger, digests->slots[i]->path) = digests->slots[i];
	*digests = larger;
}

struct cor_file_digest *cor_file_digest_of(struct cor_file_digests *digests, const char *path)
{
	if (2 * digests->len >= digests->size)
		grow(digests);
	struct cor_file_digest **slot = slot_of(digests, path);
	if (!*slot) {
		*slot = cor_cli_alloc(digests->cli, sizeof **slot);
		(*slot)->path = cor_cli_text(digests->cli, "%s", path);
		read_digest(*slot);
		digests->len++;
	}
	return *slot;
}
