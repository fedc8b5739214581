/* SPDX-License-Identifier: MIT */
#ifndef COUNTRIES_FILE_H
#define COUNTRIES_FILE_H

#include <coracle/coracle.h>

/**
 * Read a whole file into the heap. Blocks. The caller frees ret->data. Returns 0 or a negative
 * errno.
 */
int file_read(const char *path, struct cor_str *ret) COR_CHECKED;

#endif
