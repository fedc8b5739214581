/* SPDX-License-Identifier: MIT */
/** What came of one request in a process of its own. */
#ifndef CORACLE_FUZZ_VERDICT_H
#define CORACLE_FUZZ_VERDICT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "fuzz/session.h"

#define COR_FUZZ_TITLE_BYTES 256

struct cor_fuzz_verdict {
	bool is_found;
	/** "heap-buffer-overflow in main/controller/books.c:33": the same for the same defect. */
	char title[COR_FUZZ_TITLE_BYTES];
	struct cor_buffer output; /* what the process has written */
};

/** The title of words of our own, but for memory; `output` has what the service has logged. */
void cor_fuzz_title(const char *text, const char *output, char title[COR_FUZZ_TITLE_BYTES]);

/**
 * Send a request to the service, started in a child process, which ends after limit_s of real
 * time. The session has not started its own. Free the output.
 */
void cor_fuzz_try(struct cor_fuzz_session *session, const struct cor_fuzz_request *request,
	unsigned limit_s, struct cor_fuzz_verdict *ret);

#endif
