/* SPDX-License-Identifier: MIT */
/**
 * Writing JSON into a buffer: values only, the caller writes the punctuation between them.
 *
 * Errors go into the buffer (cor_buffer_error()): -COR_EINVALID for what has no JSON (NaN,
 * infinity, text that is not UTF-8), -ENOMEM, -COR_ETOOLARGE. Nothing here yields; a buffer belongs
 * to one thread at a time.
 */
#ifndef CORACLE_JSON_WRITER_H
#define CORACLE_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/**
 * A string with quotes. Only what must be is escaped: '"', '\' and control characters; all else is
 * written as it is, once it has been seen to be UTF-8.
 */
void cor_json_write_string(struct cor_buffer *buffer, struct cor_str text);
/** What stands between the quotes of any string. */
void cor_json_write_odd(struct cor_buffer *buffer, struct cor_str text);

void cor_json_write_int64(struct cor_buffer *buffer, int64_t value);
void cor_json_write_uint64(struct cor_buffer *buffer, uint64_t value);
/** In the shortest form that reads back as the same double: 1.0 is "1.0", 1e300 is "1e300". */
void cor_json_write_double(struct cor_buffer *buffer, double value);
void cor_json_write_bool(struct cor_buffer *buffer, bool value);
void cor_json_write_null(struct cor_buffer *buffer);

#endif
