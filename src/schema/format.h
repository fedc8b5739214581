/* SPDX-License-Identifier: MIT */
/** The formats of JSON Schema that are checked. Private to the schema folder. Any thread. */
#ifndef CORACLE_SCHEMA_FORMAT_H
#define CORACLE_SCHEMA_FORMAT_H

#include <stdbool.h>

#include <coracle/str.h>

struct cor_format {
	const char *name;
	const char *noun; /* with its article, for messages */
	bool (*holds)(struct cor_str text);
	const char *pattern; /* what is asked beyond the format, for the document; NULL: nothing */
};

/** The format of that name; NULL: it is not one that is checked. */
const struct cor_format *cor_format_find(const char *name);

#endif
