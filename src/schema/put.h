/* SPDX-License-Identifier: MIT */
/**
 * Values into room that is there: the counterpart of quick.h. Private to the schema folder.
 *
 * The levels that are written so are no more than COR_PUT_DEPTH.
 *
 * Each function writes the member or item *at as JSON to `out`, where COR_PUT_BYTES are free, and
 * looks for more of them before `end` where it needs more. It returns where the value ends; NULL:
 * nothing was written, and the kind's cor_encode_value writes the value or says why it cannot be.
 */
#ifndef CORACLE_SCHEMA_PUT_H
#define CORACLE_SCHEMA_PUT_H

#include "schema/kind.h"
#include "schema/plan.h"

#define COR_PUT_DEPTH 3 /* an array of objects that have arrays */
#define COR_PUT_BYTES 64 /* of any value but a text or a name */

/* For the table of kinds. */
cor_put_value cor_put_bool, cor_put_int32, cor_put_int64, cor_put_uint32, cor_put_uint64,
	cor_put_double, cor_put_text, cor_put_str, cor_put_chars, cor_put_time, cor_put_uuid,
	cor_put_enum, cor_put_object, cor_put_array, cor_put_bare;

/** How the value of a row is written so, for row->put; NULL: there is no such way. */
cor_put_value *cor_put_for(const struct cor_row *row);

/** Whether an object with these rows can be written by cor_put_object(). */
bool cor_put_is_flat(const struct cor_plan *plan);

/** Room for a value of a row, long texts apart. */
uint32_t cor_put_bytes(const struct cor_value_rule *rule);

/**
 * The row of *base with its key, behind `first`: a comma, or the brace of the object. NULL as
 * above, and where no COR_OPENING_BYTES + COR_PUT_BYTES are free.
 */
static inline char *cor_put_row(
	const struct cor_row *row, const void *base, char first, char *out, const char *end)
{
	if (!row->put || end - out < COR_OPENING_BYTES + COR_PUT_BYTES)
		return NULL;
	memcpy(out, row->opening, COR_OPENING_BYTES);
	out[0] = first;
	return row->put(&row->rule, (const char *)base + row->offset, out + row->prefix.len, end);
}

#endif
