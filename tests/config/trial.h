/* SPDX-License-Identifier: MIT */
/** One reading of settings: sources in, values and messages out. */
#ifndef TESTS_CONFIG_TRIAL_H
#define TESTS_CONFIG_TRIAL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <coracle/error.h>

#include "config/config.h"

#define ARGUMENTS_MAX 16

struct trial {
	struct cor_config_options options;
	const char *arguments[ARGUMENTS_MAX]; /* after the program's name, NULL at the end */
	const char *environment[ARGUMENTS_MAX];
	const char *file;    /* text of the file that --config names; NULL: no file, no --config */
	size_t memory_bytes; /* 0: no limit */

	/* the results */
	struct cor_arena arena;
	struct cor_config_messages messages;
	struct cor_config *config;
	int rc;
	char path[64]; /* of the file */
};

/** --check, and --help, which stands alone. */
extern const struct cor_config_command trial_commands[2];

/** Read; messages are the trial's until trial_finish(). */
void trial_read(struct trial *trial);
void trial_finish(struct trial *trial);

/** Write a file with that text, its path to `path`. */
void make_file(char path[64], const void *data, size_t bytes);

/**
 * Fail unless the only message is `text`, or begins with it if `text` ends in "...". PATH in it
 * stands for the file.
 */
void assert_reported(const struct trial *trial, const char *text);

/** Fail unless a setting is printed with that value and that source. */
void assert_setting(
	const struct trial *trial, const char *key, const char *value, const char *from);

#endif
