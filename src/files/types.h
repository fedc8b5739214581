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

#endif
