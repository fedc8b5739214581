/* SPDX-License-Identifier: MIT */
/**
 * Bytes as text in base64 (RFC 4648 section 4). Nothing here yields or allocates; any thread.
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

COR_END_DECLS
#endif
