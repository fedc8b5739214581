/* SPDX-License-Identifier: MIT */
/**
 * Reads any JSON text token by token and writes it again: the round trip of the tests and the
 * fuzzer.
 */
#ifndef CORACLE_TESTS_JSON_DOCUMENT_H
#define CORACLE_TESTS_JSON_DOCUMENT_H

#include "base/buffer.h"
#include "json/reader.h"

/**
 * Read `text` and append the same document to `out`, without white space, with numbers and strings
 * in our own form (numbers beyond a double stay as written). Returns 0 or the error of the reader
 * or the writer.
 */
int document_rewrite(struct cor_str text, struct cor_buffer *out);

#endif
