/* SPDX-License-Identifier: MIT */
/** What files are, by what their names end in. */
#ifndef CORACLE_FILES_TYPES_H
#define CORACLE_FILES_TYPES_H

#include <stdbool.h>

#include <coracle/files.h>
#include <coracle/str.h>

struct cor_type_of_file {
	struct cor_str media_type; /* a constant */
	bool is_compressed;        /* it would hardly become smaller */
};

/** The type of a file of that name; `more` (may be NULL) goes before the usual ones. */
struct cor_type_of_file cor_file_type_find(struct cor_str name, const struct cor_file_type *more);

/**
 * The usual types, in the order of their extensions: row number `at`, whose texts end with a NUL.
 * Returns false if there are no more.
 */
bool cor_file_type_at(size_t at, const char **ret_extension, struct cor_type_of_file *ret);

#endif
