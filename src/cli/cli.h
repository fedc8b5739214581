/* SPDX-License-Identifier: MIT */
/**
 * What every verb of the program `coracle` gets: where it works, what was given, how it speaks.
 *
 * Results go to standard output, everything else to standard error. Nothing here yields: the
 * program has one thread and no fibers.
 */
#ifndef CORACLE_CLI_CLI_H
#define CORACLE_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include <coracle/arena.h>

#include "base/buffer.h"
#include "cli/verbs.h"

/** Exit statuses. A verb that runs another program ends with that one's. */
enum cor_cli_exit {
	COR_CLI_OK = 0,
	COR_CLI_NO = 1,        /* it ran, and its answer is no: a test failed, a change breaks */
	COR_CLI_NOTHING = 5,   /* no test was selected */
	COR_CLI_USAGE = 64,    /* the command line is wrong */
	COR_CLI_DATA = 65,     /* what was read is not what it should be */
	COR_CLI_INPUT = 66,    /* a file, or the project, is not there */
	COR_CLI_TOOL = 69,     /* a program that is needed is not there, or failed */
	COR_CLI_SOFTWARE = 70, /* no memory */
	COR_CLI_OUTPUT = 73,   /* something cannot be written, or is there already */
};

struct cor_cli {
	struct cor_arena *arena; /* lives as long as the program */
	const struct cor_cli_verb *verb;
	const char *program; /* this program, by its whole path */
	const char *folder;  /* -C; "." */
	bool is_verbose;     /* -v */
	bool has_colour;     /* on standard error */

	/* What was given, once the command line is read. */
	const char *values[COR_CLI_OPTIONS_MAX]; /* of verb->options; NULL: not given; a flag: "" */
	struct cor_cli_given {
		const struct cor_cli_option *option;
		const char *value;
	} * given; /* all of them, in their order */
	size_t given_len;
	const char **words; /* what is no option; NULL behind the last */
	size_t words_len;
	char **rest; /* what followed "--"; NULL behind the last */
	size_t rest_len;
};

/** The value of an option of the verb; NULL: it was not given. */
const char *cor_cli_value(const struct cor_cli *cli, const char *option);

/**
 * The number that an option was given, from `least` to `most`; *ret stays as it is if it was not
 * given. Returns COR_CLI_OK, or COR_CLI_USAGE, told. A count is a whole one.
 */
int cor_cli_read_number(
	const struct cor_cli *cli, const char *option, double least, double most, double *ret);
int cor_cli_read_count(
	const struct cor_cli *cli, const char *option, double least, double most, double *ret);

/** The nth value, from 0, of an option that may be given several times; NULL behind the last. */
const char *cor_cli_nth(const struct cor_cli *cli, const char *option, size_t nth);

/** Whether an option of the verb was given. */
bool cor_cli_has(const struct cor_cli *cli, const char *option);

/**
 * A formatted text in the arena. Never NULL: the program ends with COR_CLI_SOFTWARE where there is
 * no memory.
 */
char *cor_cli_text(const struct cor_cli *cli, const char *format, ...) COR_PRINTF(2, 3);

/** Zeroed memory in the arena, or the same end. */
void *cor_cli_alloc(const struct cor_cli *cli, size_t bytes);

/** What a buffer holds, as a text in the arena, or the same end. The buffer is finished. */
struct cor_str cor_cli_take(const struct cor_cli *cli, struct cor_buffer *buffer);

/** A line on standard error: "coracle: ...". */
void cor_cli_say(const struct cor_cli *cli, const char *format, ...) COR_PRINTF(2, 3);

/** The same, as an error; returns the status. */
int cor_cli_fail(const struct cor_cli *cli, enum cor_cli_exit status, const char *format, ...)
	COR_PRINTF(3, 4);

/** Write to standard output and finish the buffer. Returns COR_CLI_OK or COR_CLI_OUTPUT, told. */
int cor_cli_print(const struct cor_cli *cli, struct cor_buffer *buffer);

/** A path that stands in the folder of -C; itself if it is absolute, or the folder is ".". */
const char *cor_cli_path(const struct cor_cli *cli, const char *path);

/** Whether a terminal behind the descriptor wants colours: NO_COLOR and TERM=dumb say no. */
bool cor_cli_wants_colour(int fd);

#endif
