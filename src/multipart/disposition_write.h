/* SPDX-License-Identifier: MIT */
/** Content-Disposition of a part (RFC 7578 section 4.2), written as browsers do. Never yields. */
#ifndef CORACLE_MULTIPART_DISPOSITION_WRITE_H
#define CORACLE_MULTIPART_DISPOSITION_WRITE_H

#include <coracle/api.h>
#include <coracle/str.h>

#include "base/buffer.h"

/**
 * Append the header line of a part, without its end. In the names, which are UTF-8, '"', CR and LF
 * are %22, %0D and %0A (the HTML standard, "multipart form data"); a backslash is itself.
 * `file_name` may be NULL: it is no file.
 *
 * Returns 0, or -COR_EINVALID with nothing appended: a name is not UTF-8, has another control,
 * which no header may have, or is a part's that ends with a backslash, which hides its end from
 * some readers.
 */
int cor_disposition_append(
	struct cor_buffer *buffer, struct cor_str name, const char *file_name) COR_CHECKED;

#endif
