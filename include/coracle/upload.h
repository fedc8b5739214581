/* SPDX-License-Identifier: MIT */
/**
 * Files that clients send in forms (multipart/form-data, RFC 7578): a row of an operation's input.
 *
 *     struct photo_form {
 *             const char *title;
 *             struct cor_upload photo;
 *             cor_array(struct cor_upload) notes;
 *     };
 *     static const struct cor_field photo_form_fields[] = {
 *             COR_FIELD(struct photo_form, title, .max_length = 100),
 *             COR_FIELD(struct photo_form, photo, .media_types = "image/jpeg, image/png",
 *                     .max_bytes = 5000000),
 *             COR_ARRAY(struct photo_form, notes, .presence = COR_OPTIONAL, .max_items = 10),
 *     };
 *
 * The operation then takes multipart/form-data, and its other rows of the body are text. A body of
 * more than the server's limit needs .body_limit_bytes. What is larger than --upload-memory-bytes
 * stands in a file of the folder --upload-folder that has no name, so that nothing is left of it,
 * whatever happens. All of it dies with ctx.
 *
 * Never trust what a client says a file is: neither its type nor its name is looked at or checked
 * against the bytes. For larger files, which a handler wants to read as they come, see parts.h.
 */
#ifndef CORACLE_UPLOAD_H
#define CORACLE_UPLOAD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

struct cor_ctx;

/**
 * A file that a client has sent, or that a call of another server sends (http_part.h). Zeroed it is
 * absent. A test of a handler may fill one in, and so does who sends one: from memory with .name,
 * .bytes and .size, of a descriptor with .name, .fd and .size (it is read from its front on, by
 * pread()), or of a path by cor_upload_open().
 */
struct cor_upload {
	/**
	 * Its name, for show: UTF-8, without folders (what stands behind the last / or \) and
	 * control characters; "" if the client gave none. It is no path: the service chooses where
	 * a file is saved, and under which name. NULL: there is no file.
	 */
	const char *name;
	/** Its media type, as the client says, in lower case and without parameters. */
	const char *type;
	/** How many bytes it has. */
	uint64_t size;
	/** The bytes, with a NUL behind them; NULL: they are in `fd`. */
	const char *bytes;
	/**
	 * Where `bytes` is NULL: a file open for reading, and of a form that came for writing. ctx
	 * closes it, if the library has opened it.
	 */
	int fd;
};

/**
 * Open the file at `path`, to send it: its name is that of the path's last component, its type
 * none, until you set it. It is sent with the size that it has now: what is written to it later may
 * make the call fail. ctx closes it.
 *
 * Returns 0, -ENOENT, -EACCES and what else open() fails with, -EISDIR, or -EINVAL: it is neither a
 * file nor a folder. *ret is untouched on failure. Never yields, but may wait for the disk. On the
 * thread of ctx.
 */
COR_API int cor_upload_open(
	struct cor_ctx *ctx, const char *path, struct cor_upload *ret) COR_CHECKED;

/**
 * Copy at most `size` bytes from `offset` on. Returns how many, 0 at the end, or -EIO and what else
 * pread() fails with. Never yields, but may wait for the disk. Any thread.
 */
COR_API ssize_t cor_upload_read(
	const struct cor_upload *upload, uint64_t offset, void *buffer, size_t size) COR_CHECKED;

/**
 * A descriptor with all of it, for code that wants one: its own one, or if it is in memory, one of
 * a file in memory. ctx closes it. Its offset is where the last reader left it: pread() needs none.
 *
 * Returns it, or -EMFILE, -ENFILE, -ENOMEM. Never yields. On the thread of ctx.
 */
COR_API int cor_upload_fd(struct cor_ctx *ctx, const struct cor_upload *upload) COR_CHECKED;

/**
 * Save it at `path`, which the service chooses, in a folder that is there. Whoever opens `path`
 * sees the file that stood there before, or all of the new one, never a part: it is written beside
 * it and renamed. Its permissions are 0666 less the umask. It is not synced to the disk (fsync()).
 *
 * Where --upload-folder is on the same file system, nothing is copied. Else it is, a mebibyte at a
 * time: yields between them.
 *
 * Returns 0, or -ENOENT, -EACCES, -ENOSPC and what else the system calls fail with; then nothing
 * has changed. A handler can return the code, as any: of no room it is a 507, and the log says
 * where. -ECANCELED, -ETIMEDOUT: the request has ended meanwhile.
 */
COR_API int cor_upload_save(
	struct cor_ctx *ctx, const struct cor_upload *upload, const char *path) COR_CHECKED;

COR_END_DECLS
#endif
