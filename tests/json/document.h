/* SPDX-License-Identifier: MIT */
/**
 * Any JSON text, read token by token and written again: what the tests and the fuzzer go round
 * with.
 */
#ifndef CORACLE_TESTS_JSON_DOCUMENT_H
#define CORACLE_TESTS_JSON_DOCUMENT_H

#include "base/buffer.h"
#include "json/reader.h"

/**
 * Read `text` and append the same document to `out`, without white space, numbers and strings in
 * our own form (numbers beyond a double as they were written). Returns 0 or the error of reader or
 * writer.
 */
int document_rewrite(struct cor_str text, struct cor_buffer *out);

#endif
