/* SPDX-License-Identifier: MIT */
/** Files that were built into the program, found as those of a folder are. */
#ifndef CORACLE_FILES_EMBEDDED_H
#define CORACLE_FILES_EMBEDDED_H

#include <coracle/files.h>

#include "files/folder.h"

/** Returns 0, -ENOENT, or -EISDIR: names of others begin with it and a slash. */
int cor_embedded_find(const struct cor_embedded_files *files, struct cor_str name,
	struct cor_file *ret) COR_CHECKED;

/** Whether they stand in their order, so that they are found. */
bool cor_embedded_is_ordered(const struct cor_embedded_files *files);

#endif
