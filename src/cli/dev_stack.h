/* SPDX-License-Identifier: MIT */
/** The stack of a crash, from what the process has noted of it (runtime/crash_note.h). */
#ifndef CORACLE_CLI_DEV_STACK_H
#define CORACLE_CLI_DEV_STACK_H

#include <stdint.h>

#include "cli/dev_problems.h"

/**
 * Read the note of a process, take it away, and ask addr2line(1) for functions and lines of the
 * program. *ret_text gets a line for each frame, *ret the places in this project, innermost first.
 * Returns whether there was a note.
 */
bool cor_dev_read_stack(const struct cor_cli *cli, const char *note, const char *program,
	const char **ret_text, struct cor_dev_problems *ret);

/**
 * "get_book" and "/path/books.c:12" of an address in the program's file, as addr2line(1) has them;
 * both are "" where it cannot be asked.
 */
void cor_dev_ask_place(const struct cor_cli *cli, const char *program, uint64_t address,
	const char **ret_function, const char **ret_place);

#endif
