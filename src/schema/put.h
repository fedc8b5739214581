/* SPDX-License-Identifier: MIT */
/**
 * Values into room that is there: the counterpart of quick.h. Private to the schema folder.
 *
 * Each function writes the member or item *at as JSON to `out`, where COR_PUT_BYTES are free, and
 * looks for more of them before `end` where it needs more. It returns where the value ends; NULL:
 * nothing was written, and the kind's cor_encode_value writes the value or says why it cannot be.
 */
#ifndef CORACLE_SCHEMA_PUT_H
#define CORACLE_SCHEMA_PUT_H

#include "schema/kind.h"
#include "schema/plan.h"

#define COR_PUT_BYTES 64 /* of any value but a text or a name */

/* For the table of kinds. */
cor_put_value cor_put_bool, cor_put_int32, cor_put_int64, cor_put_uint32, cor_put_uint64,
	cor_put_double, cor_put_text, cor_put_str, cor_put_chars, cor_put_time, cor_put_uuid,
	cor_put_enum;

#endif
