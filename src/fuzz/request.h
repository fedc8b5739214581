/* SPDX-License-Identifier: MIT */
/** A request as the text that is kept, and as it is sent. */
#ifndef CORACLE_FUZZ_REQUEST_H
#define CORACLE_FUZZ_REQUEST_H

#include <coracle/str.h>

#include "base/buffer.h"
#include "before/shown.h"

/** Zeroed it is empty. */
struct cor_fuzz_request {
	struct cor_buffer head; /* lines that end in '\n': the request line, and headers */
	struct cor_buffer body;
};

void cor_fuzz_request_finish(struct cor_fuzz_request *request);

/** Read a text that was kept. Returns 0, -COR_EINVALID (no request line), -ENOMEM. */
int cor_fuzz_request_read(struct cor_str text, struct cor_fuzz_request *ret) COR_CHECKED;

/** Read a file of it. Returns as above, or the errno of the file. */
int cor_fuzz_request_load(const char *path, struct cor_fuzz_request *ret) COR_CHECKED;

/** The text that is kept. */
void cor_fuzz_request_write(const struct cor_fuzz_request *request, struct cor_buffer *out);

/** As whom it is sent; not kept, for what lets somebody in is not the same in each service. */
struct cor_fuzz_guise {
	struct cor_shown shown;
	const char *cookies; /* "a=b; c=d"; NULL: none */
};

/**
 * What is sent: with the length of its body, if it has one or its method wants one, and as
 * somebody. What the request says itself counts more.
 */
void cor_fuzz_request_send(const struct cor_fuzz_request *request,
	const struct cor_fuzz_guise *guise, struct cor_buffer *out);

/** The path and query of it, and the method; point into the head. */
struct cor_str cor_fuzz_request_target(const struct cor_fuzz_request *request);
struct cor_str cor_fuzz_request_method(const struct cor_fuzz_request *request);

#endif
