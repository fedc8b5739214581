/* SPDX-License-Identifier: MIT */
#include "http/disposition.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

static const char hex[] = "0123456789ABCDEF";

static bool is_control(unsigned char byte)
{
	return byte < 0x20 || byte == 0x7f;
}

/* A percent sign is decoded by some clients (RFC 6266 appendix D). */
static bool is_plain(char byte)
{
	return (unsigned char)byte < 0x80 && byte != '"' && byte != '%' && byte != '\\';
}

/* attr-char of RFC 8187 section 3.2.1 */
static bool is_attribute(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("!#$&+-.^_`|~", byte));
}

/* How many bytes the character at `at` has; 1 for a byte that begins none. */
static size_t character(const char *at, const char *end)
{
	size_t len = (unsigned char)at[0] < 0x80 ? 1 : cor_utf8_sequence(at, end);

	return len ? len : 1;
}

/* As it can be saved. Returns the length, COR_DISPOSITION_NAME_BYTES at most. */
static size_t clean(char *out, struct cor_str name)
{
	const char *at = name.data, *end = name.data + name.len;
	size_t len = 0;

	while (at < end) {
		size_t n = character(at, end);
		bool is_bad = is_control((unsigned char)*at) || *at == '/' || *at == '\\' ||
			      (n == 1 && (unsigned char)*at >= 0x80);
		if (len + n > COR_DISPOSITION_NAME_BYTES)
			break;
		if (is_bad)
			out[len] = '_';
		else
			memcpy(out + len, at, n);
		len += n;
		at += n;
	}
	return len;
}

/* In ASCII, for clients that know no other. Returns its end; *ret_is_all: it is the whole name. */
static char *put_plain(char *out, struct cor_str name, bool *ret_is_all)
{
	const char *end = name.data + name.len;

	*ret_is_all = true;
	for (const char *at = name.data; at < end; at += character(at, end)) {
		*out++ = is_plain(*at) ? *at : '_';
		*ret_is_all &= is_plain(*at);
	}
	return out;
}

static char *put_encoded(char *out, struct cor_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		unsigned char byte = (unsigned char)name.data[i];
		if (is_attribute((char)byte)) {
			*out++ = (char)byte;
			continue;
		}
		*out++ = '%';
		*out++ = hex[byte >> 4];
		*out++ = hex[byte & 15];
	}
	return out;
}

struct cor_str cor_disposition_print(
	char out[COR_DISPOSITION_BYTES], const char *type, struct cor_str name)
{
	char bytes[COR_DISPOSITION_NAME_BYTES];
	struct cor_str cleaned = { bytes, clean(bytes, name) };
	bool is_all;

	char *at = put_plain(stpcpy(stpcpy(out, type), "; filename=\""), cleaned, &is_all);
	*at++ = '"';
	if (!is_all)
		at = put_encoded(stpcpy(at, "; filename*=UTF-8''"), cleaned);
	return (struct cor_str){ out, (size_t)(at - out) };
}
