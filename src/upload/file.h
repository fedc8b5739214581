/* SPDX-License-Identifier: MIT */
/** Files without a name, and descriptors that die with a ctx. */
#ifndef CORACLE_UPLOAD_FILE_H
#define CORACLE_UPLOAD_FILE_H

#include <stddef.h>

#include <coracle/api.h>

struct cor_ctx;

/**
 * Make a file without a name in a folder, open for reading and writing; where the file system has
 * no such files, one that loses its name at once. Returns the descriptor, or what open() fails
 * with. Never yields.
 */
int cor_file_without_name(const char *folder) COR_CHECKED;

/** Let ctx close it. Returns it, or -ENOMEM: then it is closed. On the thread of ctx. */
int cor_file_keep(struct cor_ctx *ctx, int fd) COR_CHECKED;

/** Write all of it behind what was written. Returns 0, or what write() fails with. */
int cor_file_write(int fd, const char *bytes, size_t len) COR_CHECKED;

#endif
