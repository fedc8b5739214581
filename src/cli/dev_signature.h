/* SPDX-License-Identifier: MIT */
/**
 * A function that is not of the type that one of our macros needs: which of its arguments differs,
 * or its result, and how.
 */
#ifndef CORACLE_CLI_DEV_SIGNATURE_H
#define CORACLE_CLI_DEV_SIGNATURE_H

#include "cli/cli.h"

/** Whether a line of a compiler tells both types of a function pointer, as below. */
bool cor_dev_tells_types(const char *line);

/**
 * "the handler get_book: its second argument is const struct ref *; it must be const struct book *,
 * the type of book_schema". Of what the macro demands ("the handler must be int get_book(...)"),
 * and what the compiler says of the pointer that the macro sets to the function. Both have plain
 * quotes. NULL: the types do not stand there, or are the same.
 */
const char *cor_dev_signature(const struct cor_cli *cli, const char *demand, const char *types);

#endif
