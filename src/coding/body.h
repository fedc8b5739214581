/* SPDX-License-Identifier: MIT */
/** Bodies of requests that come encoded. */
#ifndef CORACLE_CODING_BODY_H
#define CORACLE_CODING_BODY_H

#include <stdbool.h>

#include "coding/answer.h"

/** Whether a Content-Encoding names anything but identity. */
bool cor_coding_is_named(struct cor_str content_encoding);

/**
 * The request's body is encoded, as its Content-Encoding says: whoever reads it gets it decoded,
 * and its length is not known. For an exchange that is not coded (`plan` is NULL then), or a coding
 * that the operation does not accept, 415 with what it accepts is recorded.
 * Returns 0, -COR_EPROBLEM or -ENOMEM.
 */
int cor_coded_read(struct cor_exchange *x, const struct cor_coding_plan *plan) COR_CHECKED;

/** Free what decodes the body, if anything does. */
void cor_coded_body_end(struct cor_coded_exchange *coded);

#endif
