/* SPDX-License-Identifier: MIT */
/**
 * From the path of a request to the name of a file, relative to a folder. Percent-encoding is
 * undone once; what comes out leads down, never up, and names nothing hidden.
 */
#ifndef CORACLE_FILES_NAME_H
#define CORACLE_FILES_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/str.h>

struct cor_file_name {
	struct cor_str text; /* "css/shop.css", "css/", "": NUL behind it */
	bool is_folder;      /* as the path has it: it ends with a slash */
};

/** How many segments a path has: 0 for "/". */
size_t cor_file_path_segments(const char *path);

/**
 * The name behind the first `skip` segments of a path as it was sent. Returns 0, -ENOMEM, or
 * -ENOENT: no file can have it.
 */
int cor_file_name_take(struct cor_arena *arena, struct cor_str path, size_t skip,
	struct cor_file_name *ret) COR_CHECKED;

#endif
