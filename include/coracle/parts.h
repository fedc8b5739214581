/* SPDX-License-Identifier: MIT */
/**
 * The parts of a form (multipart/form-data, RFC 7578) one after another, as they come: for stream
 * operations that take more than memory or a disk should hold.
 *
 *     static int store(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
 *             struct cor_reply *reply)
 *     {
 *             struct cor_parts *parts;
 *             const struct cor_part *part;
 *             char buffer[16384];
 *             ssize_t n = 0;
 *             int rc = cor_parts_open(body, &parts);
 *
 *             while (rc == 0 && (rc = cor_part_next(parts, &part)) > 0) {
 *                     while ((n = cor_part_read(parts, buffer, sizeof buffer)) > 0)
 *                             take(part->name, buffer, (size_t)n);
 *                     rc = n < 0 ? (int)n : 0;
 *             }
 *             return rc < 0 ? rc : cor_reply_start(reply, 204, NULL);
 *     }
 *
 * Bytes of a part are handed on as they come: what is wrong with the form further on is known only
 * then. --upload-parts and --upload-part-bytes limit the parts, .body_limit_bytes all of it.
 *
 * Call these from the fiber of the request. Return the code of a failed call unchanged: it carries
 * the answer.
 */
#ifndef CORACLE_PARTS_H
#define CORACLE_PARTS_H

#include <stddef.h>
#include <sys/types.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

struct cor_body;
struct cor_parts;

/** What a part is. All texts are UTF-8. */
struct cor_part {
	/** The name of the form's field. */
	const char *name;
	/** Of a file: for show only, as in struct cor_upload; may be "". NULL: it is no file. */
	const char *file_name;
	/**
	 * The media type, in lower case and without parameters. Where the client says none, it is
	 * "text/plain", of a file "application/octet-stream".
	 */
	const char *type;
};

/**
 * Begin to read the body of a request as a form. What it takes belongs to ctx. Never yields.
 *
 * Returns 0, -EOPNOTSUPP (Content-Type is not multipart/form-data: 415), -COR_ESYNTAX (it has no
 * good boundary: 400) or -ENOMEM.
 */
COR_API int cor_parts_open(struct cor_body *body, struct cor_parts **ret) COR_CHECKED;

/**
 * Go on to the next part, and pass over what is left of this one. Yields. *ret is good until the
 * next call.
 *
 * Returns 1, 0 (there is none: the body was read to its end), -COR_ESYNTAX (400), -COR_ETOOLARGE
 * (413: too many parts, too long header lines, too large a body), -EOPNOTSUPP (415: an encoding, or
 * parts inside of a part), and what cor_body_read() returns. All later calls return the same.
 */
COR_API int cor_part_next(struct cor_parts *parts, const struct cor_part **ret) COR_CHECKED;

/**
 * Read at most the next `size` bytes of the part. Yields. Returns the count, 0 at the part's end,
 * or a code as above.
 */
COR_API ssize_t cor_part_read(struct cor_parts *parts, void *buffer, size_t size) COR_CHECKED;

COR_END_DECLS
#endif
