/* SPDX-License-Identifier: MIT */
#include "memcached/key.h"

#include <stdio.h>
#include <string.h>

#include <coracle/base64.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define MARK_BYTES    (sizeof COR_MEMCACHED_MARK - 1)
#define DECODED_BYTES (COR_MEMCACHED_KEY_BYTES / 4 * 3) /* what fits as base64 */

static bool has_mark(struct cor_str key)
{
	return key.len >= MARK_BYTES && memcmp(key.data, COR_MEMCACHED_MARK, MARK_BYTES) == 0;
}

static bool is_visible(struct cor_str key)
{
	for (size_t i = 0; i < key.len; i++) {
		unsigned char byte = (unsigned char)key.data[i];
		if (byte <= ' ' || byte == 0x7f)
			return false;
	}
	return true;
}

bool cor_memcached_key_is_plain(struct cor_str key)
{
	return key.len <= COR_MEMCACHED_KEY_BYTES && !has_mark(key) && is_visible(key);
}

static void make_hashed(struct cor_str key, struct cor_memcached_key *ret)
{
	XXH128_hash_t hash = XXH3_128bits(key.data, key.len);

	ret->form = COR_MEMCACHED_HASHED;
	ret->len = (uint8_t)snprintf(ret->text, sizeof ret->text,
		COR_MEMCACHED_MARK "%016llx%016llx", (unsigned long long)hash.high64,
		(unsigned long long)hash.low64);
}

void cor_memcached_key_make(struct cor_str key, bool knows_base64, struct cor_memcached_key *ret)
{
	if (cor_memcached_key_is_plain(key)) {
		ret->form = COR_MEMCACHED_PLAIN;
		ret->len = (uint8_t)key.len;
		memcpy(ret->text, key.data, key.len);
	} else if (knows_base64 && key.len <= DECODED_BYTES && !is_visible(key)) {
		ret->form = COR_MEMCACHED_BASE64;
		ret->len = (uint8_t)cor_base64_text_bytes(key.len);
		cor_base64_print(key, ret->text);
	} else {
		make_hashed(key, ret);
	}
}

void cor_memcached_key_of_piece(
	const char id[COR_MEMCACHED_ID_BYTES], uint32_t piece, struct cor_memcached_key *ret)
{
	ret->form = COR_MEMCACHED_PLAIN;
	ret->len = (uint8_t)snprintf(ret->text, sizeof ret->text, COR_MEMCACHED_MARK "%.*s.%u",
		COR_MEMCACHED_ID_BYTES, id, piece);
}
