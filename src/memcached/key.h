/* SPDX-License-Identifier: MIT */
/**
 * Keys as memcached takes them: 1 to 250 bytes without blanks and control characters.
 *
 * A key that is so, goes as it is: other programs read it. One of other bytes goes as base64 where
 * the server decodes that, and it fits; any other one as COR_MEMCACHED_MARK and a hash, and whoever
 * puts a value there keeps the whole key in it, to be compared. A plain key that begins with the
 * mark is hashed, too. So no two keys meet: what base64 stands for has bytes that no other form
 * has, and what begins with the mark is ours.
 */
#ifndef CORACLE_MEMCACHED_KEY_H
#define CORACLE_MEMCACHED_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>

#define COR_MEMCACHED_KEY_BYTES 250
#define COR_MEMCACHED_MARK      "coracle#"
#define COR_MEMCACHED_ID_BYTES  32 /* of a piece's value: hexadecimal digits */

enum cor_memcached_form {
	COR_MEMCACHED_PLAIN = 0,
	COR_MEMCACHED_BASE64,
	COR_MEMCACHED_HASHED,
};

struct cor_memcached_key {
	enum cor_memcached_form form;
	uint8_t len;
	char text[COR_MEMCACHED_KEY_BYTES + 2]; /* as it is sent */
};

static inline struct cor_str cor_memcached_key_text(const struct cor_memcached_key *key)
{
	return (struct cor_str){ key->text, key->len };
}

/** Whether a key goes as it is. */
bool cor_memcached_key_is_plain(struct cor_str key);

/** The form of a key, which is not empty. The server may know base64. */
void cor_memcached_key_make(struct cor_str key, bool knows_base64, struct cor_memcached_key *ret);

/** The key of a piece of a value that was cut. */
void cor_memcached_key_of_piece(
	const char id[COR_MEMCACHED_ID_BYTES], uint32_t piece, struct cor_memcached_key *ret);

#endif
