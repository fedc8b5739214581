/* SPDX-License-Identifier: MIT */
/** The command line of a test program. */
#ifndef CORACLE_TESTING_OPTIONS_H
#define CORACLE_TESTING_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#define COR_JOBS_MAX   256
#define COR_REPEAT_MAX 1000000

enum cor_format {
	COR_FORMAT_DEFAULT = 0, /* letters on a terminal, else TAP */
	COR_FORMAT_LETTERS,
	COR_FORMAT_NAMES,
	COR_FORMAT_TAP,
	COR_FORMAT_EVENTS,
};

struct cor_options {
	bool help;
	bool list;
	bool letters;
	bool names;
	bool tap;
	bool events;
	bool failfast;
	bool last_failed;
	bool failed_first;
	bool shuffle;
	bool no_fork;
	bool no_capture;
	bool no_leaks;
	bool update_snapshots;
	const char *keyword;
	const char *junit;
	const char *sonar;
	const char *jobs_text;
	const char *repeat_text;
	const char *seed_text;
	const char *timeout_text;
	/* read from them */
	int64_t jobs;
	int64_t repeat;
	int64_t seed;
	int64_t timeout_ms; /* -1: as the tables say; 0: none */
	enum cor_format format;
	char **names_of_tests;
	int names_len;
};

/** Read it. Returns 0, or -EINVAL after a line on standard error that says what is wrong. */
int cor_options_read(struct cor_options *ret, int argc, char **argv);

/** What --help prints. */
void cor_options_help(const char *program);

#endif
