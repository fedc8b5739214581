/* SPDX-License-Identifier: MIT */
/**
 * A small file that is nobody else's business: its bytes are in no core file and in no child of the
 * process, and are wiped when it is closed.
 */
#ifndef CORACLE_APP_SECRET_FILE_H
#define CORACLE_APP_SECRET_FILE_H

#include <stddef.h>

#include <coracle/api.h>
#include <coracle/str.h>

/** Zeroed: none. */
struct cor_secret_file {
	struct cor_str text;
	size_t mapped; /* bytes of its memory */
};

/**
 * Read the whole file. Blocks. Returns 0, -EFBIG (above a megabyte), -EISDIR, or the errno of open,
 * fstat, mmap or read.
 */
int cor_secret_file_read(const char *path, struct cor_secret_file *ret) COR_CHECKED;

/** Wipe it and give its memory back. Zeroed, it does nothing. */
void cor_secret_file_close(struct cor_secret_file *file);

#endif
