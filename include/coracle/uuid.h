/* SPDX-License-Identifier: MIT */
/**
 * UUIDs (RFC 9562): 16 bytes, in text the 36-character form. Nothing here yields; any thread.
 *
 * A member of this type needs none of it: its row reads and writes the text. cor_uuid_random() is
 * in random.h.
 */
#ifndef CORACLE_UUID_H
#define CORACLE_UUID_H

#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

#define COR_UUID_TEXT_BYTES 37 /* 36 characters and the NUL */

struct cor_uuid {
	uint8_t bytes[16]; /* network order */
};

/** Write the lower-case text form and a NUL. */
COR_API void cor_uuid_print(const struct cor_uuid *uuid, char text[COR_UUID_TEXT_BYTES]);

/** Read the 36-character form, either case. Returns 0, or -COR_ESYNTAX with *ret untouched. */
COR_API int cor_uuid_parse(struct cor_str text, struct cor_uuid *ret) COR_CHECKED;

COR_END_DECLS
#endif
