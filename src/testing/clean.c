/* SPDX-License-Identifier: MIT */
#include "testing/clean.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/markup.h"

static size_t bytes_of(unsigned char first)
{
	return first < 0x80   ? 1
	       : first < 0xc2 ? 0
	       : first < 0xe0 ? 2
	       : first < 0xf0 ? 3
	       : first < 0xf5 ? 4
			      : 0;
}

/* How many bytes the character has; 0: it is none that may be written. RFC 3629 section 4. */
static size_t measure(const unsigned char *at, size_t len)
{
	size_t bytes = bytes_of(*at);

	if (bytes == 0 || bytes > len)
		return 0;
	if (bytes == 1)
		return *at >= 0x20 || *at == '\n' || *at == '\t' ? 1 : 0;
	uint32_t code = *at & (0xffU >> (bytes + 1));
	for (size_t i = 1; i < bytes; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	if (code < least[bytes] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ||
		(code & 0xfffe) == 0xfffe)
		return 0;
	return bytes;
}

char *cor_clean(const char *text, size_t len)
{
	char *ret = malloc(len + 1);

	if (!ret)
		return NULL;
	for (size_t i = 0; i < len;) {
		size_t bytes = measure((const unsigned char *)text + i, len - i);
		if (bytes == 0)
			ret[i++] = '?';
		else
			memcpy(ret + i, text + i, bytes);
		i += bytes;
	}
	ret[len] = '\0';
	return ret;
}

void cor_clean_xml(FILE *out, const char *text, size_t len)
{
	char *clean = cor_clean(text, len);
	struct cor_buffer buffer = { 0 };

	cor_markup(&buffer, cor_str(clean ? clean : ""));
	if (buffer.len)
		fwrite(buffer.data, 1, buffer.len, out);
	cor_buffer_finish(&buffer);
	free(clean);
}
