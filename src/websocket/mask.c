/* SPDX-License-Identifier: MIT */
#include "websocket/mask.h"

#include <stdint.h>
#include <string.h>

void cor_websocket_mask(char *bytes, size_t len, const unsigned char mask[4], size_t at)
{
	unsigned char turned[8];
	uint64_t word, mask_word;
	size_t i = 0;

	for (size_t k = 0; k < sizeof turned; k++)
		turned[k] = mask[(at + k) & 3];
	memcpy(&mask_word, turned, sizeof mask_word);
	for (; len - i >= sizeof word; i += sizeof word) {
		memcpy(&word, bytes + i, sizeof word);
		word ^= mask_word;
		memcpy(bytes + i, &word, sizeof word);
	}
	for (size_t k = 0; i < len; i++, k++)
		bytes[i] = (char)((unsigned char)bytes[i] ^ turned[k]);
}
