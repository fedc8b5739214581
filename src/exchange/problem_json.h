/* SPDX-License-Identifier: MIT */
/**
 * The one shape of an error answer: application/problem+json (RFC 9457), of the service and of the
 * server itself.
 *
 *     {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"...",
 *      "instance":"/orders",
 *      "request_id":"...","errors":[{"in":"body","pointer":"/total","detail":"..."},
 *      {"in":"query","parameter":"page","detail":"..."}],"errors_count":120}
 *
 * Empty members are left out; errors_count is there when more errors were found than are listed.
 */
#ifndef CORACLE_EXCHANGE_PROBLEM_JSON_H
#define CORACLE_EXCHANGE_PROBLEM_JSON_H

#include <stdint.h>

#include <coracle/str.h>
#include <coracle/violation.h>

#include "base/buffer.h"

#define COR_PROBLEM_MEDIA_TYPE COR_STR("application/problem+json")

struct cor_problem_text {
	uint16_t status;
	const char *type;        /* a URI; NULL: about:blank */
	const char *title;       /* NULL: the status in words */
	const char *detail;      /* NULL or empty: none */
	struct cor_str instance; /* the path of the request as sent, written as a reference to it */
	const char *request_id;  /* NULL or empty: none */
	const struct cor_violations *violations; /* NULL: none */
	struct cor_str members;                  /* an object with more of them; empty: none */
};

/**
 * Append the JSON. Bytes that are not UTF-8 become U+FFFD. Errors go into the buffer. Never yields.
 */
void cor_problem_write_json(struct cor_buffer *buffer, const struct cor_problem_text *problem);

/** Append a JSON string. Bytes that are not UTF-8 become U+FFFD. */
void cor_problem_write_text(struct cor_buffer *buffer, struct cor_str text);

#endif
