/* SPDX-License-Identifier: MIT */
/**
 * A file that a handler has chosen, as the answer of a COR_STREAM_OPERATION that .sends_file:
 *
 *     static int get_picture(struct cor_ctx *ctx, const struct picture_ref *ref,
 *             struct cor_body *body, struct cor_reply *reply)
 *     {
 *             const char *path = cor_printf(ctx, "pictures/%" PRId64, ref->id);
 *             int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
 *
 *             if (fd < 0)
 *                     return cor_problem(ctx, 404, 0, "there is no picture %" PRId64, ref->id);
 *             return cor_reply_file(reply, fd, &(struct cor_file_options){ .name = "sea.png" });
 *     }
 *     COR_STREAM_OPERATION(get_picture_operation, get_picture, picture_ref_schema,
 *             .content_type = "image/png", .sends_file = true, .problems = { 404 });
 *
 * A GET gets Content-Length, ETag, Last-Modified, conditions (RFC 9110 section 13: 304, 412) and
 * ranges (section 14: 206, 416), all of it in the OpenAPI document; the bytes go from the system's
 * memory to the socket. It is sent as it is, never compressed on the way. Browsers are told not to
 * take it for anything but its type (X-Content-Type-Options: nosniff).
 *
 * Build paths of what the service knows, such as a number; a name that a client sends is no path.
 * Folders whose files clients name by their path are .files of the service: files.h.
 */
#ifndef CORACLE_REPLY_FILE_H
#define CORACLE_REPLY_FILE_H

#include <coracle/api.h>

COR_BEGIN_DECLS

struct cor_reply;

/** How a file is sent. All of it may be gone after the call. */
struct cor_file_options {
	/** Its media type, without *. NULL: the operation's .content_type. */
	const char *media_type;
	/**
	 * What it is called where it is saved: Content-Disposition (RFC 6266). UTF-8; of more than
	 * 255 bytes the front is taken, and slashes and control characters become '_'. NULL: the
	 * header is left out, and clients make a name of the path.
	 */
	const char *name;
	/**
	 * COR_FILE_SAVED, the default where there is a .name: browsers save it, whatever it is.
	 * COR_FILE_SHOWN: they show it. Never show what a client has sent as what it says it is: a
	 * page of it would run here.
	 */
	enum { COR_FILE_SAVED = 0, COR_FILE_SHOWN } disposition;
};

/**
 * Answer with a regular file, open for reading, from its beginning to its end, wherever its offset
 * is; options may be NULL. In the place of cor_reply_start() and cor_reply_write(): nothing comes
 * behind it.
 *
 * The descriptor is the library's from then on, and is closed whatever comes of it: give it a
 * dup(2) of one that is still needed, such as that of cor_upload_fd().
 *
 * The ETag is made of the file's time and length; one that the handler has set before with
 * cor_reply_header() counts instead, and so does its Last-Modified. Another method than GET and
 * HEAD is answered with the whole file. Replace a file with rename(2): an answer that is on its way
 * goes on with the old one. One that shrinks cuts its answer, with a line in the log.
 *
 * Never yields; may wait for the disk. Returns 0, -COR_EPROBLEM (412, 416), -EBADF or -EINVAL (it
 * is no regular file; a bad media type; the operation lacks .sends_file: the log says which),
 * -EALREADY (the reply has started), -EIO, -ENOMEM or -ECONNRESET. Return it as it is.
 */
COR_API int cor_reply_file(
	struct cor_reply *reply, int fd, const struct cor_file_options *options) COR_CHECKED;

COR_END_DECLS
#endif
