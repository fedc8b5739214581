/* SPDX-License-Identifier: MIT */
/** Files that tests upload: the smallest whole ones of types that services tell by their bytes. */
#ifndef CORACLE_CONTRACT_FILE_EXAMPLE_H
#define CORACLE_CONTRACT_FILE_EXAMPLE_H

#include <coracle/str.h>

/** All but the type's text is static. */
struct cor_file_example {
	struct cor_str type;  /* "image/jpeg" */
	const char *name;     /* "file.jpg" */
	struct cor_str bytes; /* empty: of this type any will do */
};

/**
 * One that is taken where these types are: "image/jpeg, image/png", or a range with an asterisk;
 * empty: any. The first that is known here, else the first that is no range.
 */
struct cor_file_example cor_file_example(struct cor_str types);

#endif
