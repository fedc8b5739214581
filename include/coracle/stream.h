/* SPDX-License-Identifier: MIT */
/**
 * Bodies read and written a buffer at a time: what a COR_STREAM_OPERATION gets.
 *
 *     static int echo(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
 *             struct cor_reply *reply)
 *     {
 *             char buffer[4096];
 *             ssize_t n;
 *             int rc = cor_reply_start(reply, 0, NULL);
 *
 *             while (rc == 0 && (n = cor_body_read(body, buffer, sizeof buffer)) != 0)
 *                     rc = n < 0 ? (int)n : cor_reply_write(reply, buffer, (size_t)n);
 *             return rc;
 *     }
 *     COR_STREAM_OPERATION(echo_operation, echo, COR_NONE,
 *             .content_type = "application/octet-stream");
 *
 * Call these from the fiber of the request. If a handler fails before cor_reply_start(), the client
 * gets a problem. If it fails later, the connection is cut, so that the client sees that the body
 * is not complete.
 *
 * Return the code of a failed call unchanged: it carries the answer (408, 413, 400) and keeps the
 * client's faults apart from the service's.
 */
#ifndef CORACLE_STREAM_H
#define CORACLE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

struct cor_body;
struct cor_reply;

/**
 * The length that the client announced, in bytes; -1 if it sends chunks, or an encoded body. Never
 * yields.
 */
COR_API int64_t cor_body_length(const struct cor_body *body);

/**
 * Read at most the next `size` bytes. Yields. Sends 100 Continue first if the client waits for it.
 *
 * A body whose announced length exceeds the limit does not get here, nor one that is encoded in a
 * way that the operation does not accept: the handler is not called. What it does accept comes
 * decoded.
 *
 * Returns the count, 0 at the end, -COR_ETOOLARGE (the operation's body limit, or what an encoded
 * one may grow to), -COR_ESYNTAX (broken chunks, or broken in its coding), -ENOMEM, -ETIMEDOUT,
 * -ECANCELED or -ECONNRESET (the client went away in the middle).
 */
COR_API ssize_t cor_body_read(struct cor_body *body, void *buffer, size_t size) COR_CHECKED;

/**
 * Begin the reply: the response head is sent now. Call it once. Never yields.
 *
 * Status 0 is the operation's own (.status, else 200). A content type of NULL is the operation's
 * own (.content_type), or none with 204, 205 and 304; "" means no type.
 *
 * Returns 0, -EINVAL (not a final status, a bad content type, or one with a *: an operation that
 * declares a range names the type here), -EALREADY, -ENOMEM or -ECONNRESET.
 */
COR_API int cor_reply_start(
	struct cor_reply *reply, int status, const char *content_type) COR_CHECKED;

/**
 * Write the next bytes of the body. They are buffered, and sent when the buffer holds 16 KiB, at
 * cor_reply_flush() and at the end. Yields if the client reads slowly, and after some 256 KiB to
 * one that reads fast; if it is compressed (compression.h), also after a millisecond of that.
 *
 * Returns 0, -EINVAL (not started), -EPIPE (the reply has no content, because it answers a HEAD or
 * its status is 204, 205 or 304: it is complete with its head, so return), -ENOMEM, -ECONNRESET,
 * -ETIMEDOUT or -ECANCELED. After a failure every further call fails, since bytes are missing.
 */
COR_API int cor_reply_write(struct cor_reply *reply, const void *data, size_t size) COR_CHECKED;

/**
 * Send what is buffered. Call it before a wait if the client should see them now. Yields. Errors
 * are those of cor_reply_write().
 */
COR_API int cor_reply_flush(struct cor_reply *reply) COR_CHECKED;

/**
 * Whether trailer fields reach the client: it has said that it takes them (TE: trailers), and its
 * version of HTTP has a place for them. If not, the next two do nothing. Never yields.
 */
COR_API bool cor_reply_takes_trailers(const struct cor_reply *reply);

/**
 * Announce a trailer field, before cor_reply_start(): its name is added to the Trailer header. One
 * that is not announced can be sent, too. Never yields. Returns 0, -EINVAL (a name as below),
 * -COR_ECLOSED (the reply has started) or -ENOMEM.
 */
COR_API int cor_reply_announce(struct cor_reply *reply, const char *name) COR_CHECKED;

/**
 * Add a trailer field (RFC 9110 section 6.5), which is sent behind the body: a checksum, or how it
 * went. From cor_reply_start() to the handler's end; name and value are copied. Proxies may drop
 * it. Never yields.
 *
 * Returns 0, -EINVAL (not started; a name or value that RFC 9110 section 5 does not allow; a name
 * that must come before the body: section 6.5.1. If the handler returns the code, the log says
 * which), -EPIPE (the reply has no content) or -ENOMEM.
 */
COR_API int cor_reply_trailer(
	struct cor_reply *reply, const char *name, const char *value) COR_CHECKED;

COR_END_DECLS
#endif
