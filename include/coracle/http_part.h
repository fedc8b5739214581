/* SPDX-License-Identifier: MIT */
/**
 * Forms with files (multipart/form-data, RFC 7578) that a call sends: client.h.
 *
 * A schema with rows of struct cor_upload is sent as such a form by itself, in the way a service of
 * Coracle takes it, so that both sides share one table (upload.h):
 *
 *     struct photo_form form = { .title = "Sunset" };
 *     int rc = cor_upload_open(ctx, "/srv/photos/7.jpg", &form.photo);
 *
 *     if (rc == 0)
 *             rc = cor_http_post(ctx, &albums, photo_schema, &photo, COR_PATH("/photos"),
 *                     .in = COR_VALUE(photo_form_schema, &form));
 *
 * Parts that no row says go in .parts of the call, alone or behind the rows:
 *
 *     .parts = COR_HTTP_PARTS({ .name = "log", .file_name = "log.txt", .type = "text/plain",
 *             .source = &source })
 *
 * Files are read while they are sent, at most 16 KiB of them in memory. The form says its length if
 * that of each part is known, else it goes in chunks. It is sent again, for a retry or a redirect,
 * unless a source that was read cannot be rewound: then the failure says so.
 *
 * Names are encoded as browsers do it (the HTML standard, "multipart form data"): '"', CR and LF
 * as %22, %0D and %0A. A name that is not UTF-8, or has other controls, is refused, as is a type
 * or a header that none can be. The boundary is random (128 bits), so that no content can have it
 * in it.
 *
 * A form has 1,000 parts at most, each with at most 8 KiB of header lines, which services of
 * Coracle take by default.
 */
#ifndef CORACLE_HTTP_PART_H
#define CORACLE_HTTP_PART_H

#include <coracle/api.h>
#include <coracle/str.h>
#include <coracle/upstream.h>

COR_BEGIN_DECLS

struct cor_http_source;
struct cor_upload;

/** A part. It has one content: .bytes, .upload or .source. All of it is borrowed for the call. */
struct cor_http_part {
	/** Of the form's field. NULL ends a list of parts. */
	const char *name;
	/** It is a file of that name; "" is one without. NULL: text, or the name of .upload. */
	const char *file_name;
	/** Its media type. NULL: that of .upload; else application/octet-stream of a file, and none
	 * of text, which is UTF-8 then. */
	const char *type;
	/** COR_HTTP_FIELDS(...): more header lines; not Content-Disposition and Content-Type. */
	const struct cor_http_field *headers;

	/** From memory. */
	struct cor_str bytes;
	/** A file: of a path (cor_upload_open()), of a descriptor (.fd and .size), or one that a
	 * client has sent. */
	const struct cor_upload *upload;
	/** Read piece by piece while it is sent. */
	const struct cor_http_source *source;
};

/* clang-format off */

/** Parts of a call: .parts = COR_HTTP_PARTS({ .name = "a", .bytes = COR_STR("1") }). */
#define COR_HTTP_PARTS(...) \
	(const struct cor_http_part[]) { __VA_ARGS__, { .name = NULL } }

/* clang-format on */

#define COR_HTTP_PARTS_MAX       1000
#define COR_HTTP_PART_HEAD_BYTES 8192

COR_END_DECLS
#endif
