/* SPDX-License-Identifier: MIT */
/**
 * Answers held to their own tables: the JSON that was written is read again, with every rule of the
 * table. What answers may lack (.when, .omit, what is empty and optional) may be absent, and
 * members that no row has are passed over. Private to the library.
 *
 * Nothing here yields. One thread, the codec's.
 */
#ifndef CORACLE_SCHEMA_READ_BACK_H
#define CORACLE_SCHEMA_READ_BACK_H

#include <coracle/schema.h>

#include "schema/encode.h"

#define COR_READ_BACK_EACH 97 /* a prime: what clients do in turns is all looked at */

/** Whether it is this answer's turn: the first one's, then one in COR_READ_BACK_EACH. */
bool cor_read_back_is_due(struct cor_codec *codec);

/**
 * Whether the text is what the document says of answers with that schema; `is_part`: the client has
 * chosen members. Returns 0, -COR_EINVALID (*ret_fault says what is wrong first), -COR_ESYNTAX (a
 * raw value has broken the text), -ENOMEM or -COR_ETABLE (the schema is not the codec's).
 */
int cor_read_back(struct cor_codec *codec, const struct cor_schema *schema, bool is_part,
	struct cor_str text, struct cor_encode_fault *ret_fault) COR_CHECKED;

#endif
