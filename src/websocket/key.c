/* SPDX-License-Identifier: MIT */
#include "websocket/key.h"

#include <string.h>

#include "websocket/sha1.h"

#define KEY_BYTES 24

static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool cor_websocket_key_valid(struct cor_str key)
{
	if (key.len != KEY_BYTES || memcmp(key.data + 22, "==", 2) != 0)
		return false;
	for (size_t i = 0; i < 22; i++)
		if (!memchr(base64, key.data[i], sizeof base64 - 1))
			return false;
	return true;
}

/* Three bytes are four characters; of the last two bytes the fourth is '='. */
static void write_base64(const unsigned char digest[COR_SHA1_BYTES], char *out)
{
	for (size_t i = 0; i < COR_SHA1_BYTES; i += 3) {
		bool is_whole = i + 2 < COR_SHA1_BYTES;
		unsigned bits = (unsigned)digest[i] << 16 | (unsigned)digest[i + 1] << 8 |
				(is_whole ? digest[i + 2] : 0);
		*out++ = base64[bits >> 18];
		*out++ = base64[bits >> 12 & 63];
		*out++ = base64[bits >> 6 & 63];
		*out++ = is_whole ? base64[bits & 63] : '=';
	}
	*out = '\0';
}

void cor_websocket_accept_key(struct cor_str key, char ret[COR_ACCEPT_KEY_BYTES])
{
	unsigned char digest[COR_SHA1_BYTES];
	char text[KEY_BYTES + sizeof guid];

	memcpy(text, key.data, KEY_BYTES);
	memcpy(text + KEY_BYTES, guid, sizeof guid);
	cor_sha1(text, sizeof text - 1, digest);
	write_base64(digest, ret);
}
