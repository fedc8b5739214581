/* SPDX-License-Identifier: MIT */
/** A file with keys or secrets, read as a whole and wiped when it is closed. */
#ifndef CORACLE_CRYPTO_KEY_FILE_H
#define CORACLE_CRYPTO_KEY_FILE_H

#include <coracle/api.h>
#include <coracle/context.h>
#include <coracle/str.h>

#define COR_KEY_FILE_BYTES (1024 * 1024) /* at most */

/** Zeroed: none. */
struct cor_key_file {
	struct cor_str text;
};

/**
 * Read it. Blocks. Returns 0, -ENOMEM, or -COR_EPROBLEM: the problem in ctx names the file and what
 * is wrong with it.
 */
int cor_key_file_read(struct cor_ctx *ctx, const char *path, struct cor_key_file *ret) COR_CHECKED;

/** Wipe and free it. Zeroed, it does nothing. */
void cor_key_file_close(struct cor_key_file *file);

#endif
