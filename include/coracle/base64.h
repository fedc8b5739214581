/* SPDX-License-Identifier: MIT */
/**
 * Bytes as text in base64 (RFC 4648 section 4), and in base64url (section 5), which URLs, cookies
 * and tokens have. Nothing here yields or allocates; any thread.
 *
 * A member of the type struct cor_base64 needs none of it: its row reads and writes the text.
 */
#ifndef CORACLE_BASE64_H
#define CORACLE_BASE64_H

#include <coracle/api.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

/** Bytes whose text is base64. Zeroed there are none; bytes.data that is not NULL may be empty. */
struct cor_base64 {
	struct cor_str bytes;
};

/** How long the text of so many bytes is, without a NUL. */
static inline size_t cor_base64_text_bytes(size_t bytes)
{
	return (bytes + 2) / 3 * 4;
}

/** Write the text, with its padding and without a NUL: cor_base64_text_bytes() bytes. */
COR_API void cor_base64_print(struct cor_str bytes, char *out);

/** How many bytes such a text may stand for, at most. */
static inline size_t cor_base64_bytes(struct cor_str text)
{
	return text.len / 4 * 3;
}

/**
 * Read text that is base64 as a whole, into cor_base64_bytes() bytes at `out`; *ret_len is how many
 * there were. The alphabet is that of "+" and "/"; the padding must be there; blanks and line ends,
 * and bits behind the last byte that are not 0, are refused: one value has one text. Returns 0, or
 * -COR_ESYNTAX: then `out` holds nothing of use.
 */
COR_API int cor_base64_parse(struct cor_str text, char *out, size_t *ret_len) COR_CHECKED;

/** How long the base64url of so many bytes is: it has no padding. */
static inline size_t cor_base64url_text_bytes(size_t bytes)
{
	return bytes / 3 * 4 + (bytes % 3 ? bytes % 3 + 1 : 0);
}

/** Write it, without a NUL: cor_base64url_text_bytes() bytes. */
COR_API void cor_base64url_print(struct cor_str bytes, char *out);

/** How many bytes such a text stands for. */
static inline size_t cor_base64url_bytes(struct cor_str text)
{
	return text.len / 4 * 3 + text.len % 4 * 3 / 4;
}

/**
 * Read text that is base64url as a whole, into cor_base64url_bytes() bytes at `out`; *ret_len is
 * how many there were. The alphabet is that of "-" and "_"; padding, blanks, line ends, and bits
 * behind the last byte that are not 0 are refused: one value has one text. Returns 0, or
 * -COR_ESYNTAX: then `out` holds nothing of use.
 */
COR_API int cor_base64url_parse(struct cor_str text, char *out, size_t *ret_len) COR_CHECKED;

COR_END_DECLS
#endif
