/* SPDX-License-Identifier: MIT */
#include "testing/options.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A flag is a bool of the options, an option with a value a text. */
struct row {
	const char *name;
	const char *letter;
	const char *value; /* what --help calls it; NULL: a flag */
	size_t at;
	const char *help;
};

#define AT(member) offsetof(struct cor_options, member)

static const struct row rows[] = {
	{ "--keyword", "-k", "WORDS", AT(keyword),
		"tests whose names have this in them; and, or, not, ( ) combine words" },
	{ "--list", NULL, NULL, AT(list), "print the names of the tests, and run none" },
	{ "--last-failed", "--lf", NULL, AT(last_failed), "only those that failed the last time" },
	{ "--failed-first", "--ff", NULL, AT(failed_first),
		"those that failed the last time first" },
	{ "--shuffle", NULL, NULL, AT(shuffle), "in another order each time" },
	{ "--seed", NULL, "N", AT(seed_text), "in the order that --shuffle called by this number" },
	{ "--jobs", "-j", "N", AT(jobs_text),
		"so many tests at the same time; 0: one per processor" },
	{ "--failfast", "-x", NULL, AT(failfast), "stop at the first failure" },
	{ "--repeat", NULL, "N", AT(repeat_text), "all of it so often, or until a test fails" },
	{ "--timeout", NULL, "MS", AT(timeout_text),
		"for each test, whatever its table says; 0: none" },
	{ "--no-fork", NULL, NULL, AT(no_fork),
		"all in this process, without limits: for a debugger" },
	{ "--no-capture", "-s", NULL, AT(no_capture), "show at once what tests print" },
	{ "--no-leaks", NULL, NULL, AT(no_leaks), "do not look for what tests leave behind" },
	{ "--update-snapshots", NULL, NULL, AT(update_snapshots),
		"write what snapshots should be" },
	{ "--letters", NULL, NULL, AT(letters),
		"a letter for each test; by default on a terminal" },
	{ "--verbose", "-v", NULL, AT(names), "a line for each test" },
	{ "--tap", NULL, NULL, AT(tap), "the Test Anything Protocol; by default elsewhere" },
	{ "--events", NULL, NULL, AT(events), "JSON Lines, for programs: docs/testing.md" },
	{ "--junit", NULL, "FILE", AT(junit), "write JUnit's XML, too" },
	{ "--sonar", NULL, "FILE", AT(sonar), "write Sonar's generic test execution report, too" },
	{ "--help", "-h", NULL, AT(help), "print this" },
};
#define ROWS (sizeof rows / sizeof rows[0])

void cor_options_help(const char *program)
{
	printf("usage: %s [option ...] [test ...]\n\n"
	       "A test is a name of --list, a group's, or a case's without its row.\n\n",
		program);
	for (size_t i = 0; i < ROWS; i++) {
		char left[64];
		snprintf(left, sizeof left, "%s%s%s%s%s", rows[i].letter ? rows[i].letter : "",
			rows[i].letter ? ", " : "", rows[i].name, rows[i].value ? " " : "",
			rows[i].value ? rows[i].value : "");
		printf("  %-24s %s\n", left, rows[i].help);
	}
	printf("\nstatus: 0 passed, 1 failed, 2 interrupted, 3 the machine refused, 4 wrong use,\n"
	       "5 no test selected\n");
}

static int refuse(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s; --help lists the options\n", what, why);
	return -EINVAL;
}

/* The row of "-j4", whose value stands right behind the letter. */
static const struct row *find_joined(const char *arg, const char **value)
{
	for (size_t i = 0; arg[1] != '-' && i < ROWS; i++)
		if (rows[i].letter && rows[i].value && strncmp(rows[i].letter, arg, 2) == 0) {
			*value = arg + 2;
			return &rows[i];
		}
	return NULL;
}

/* The row of "--name", "--name=value", "-x"; *value is behind the '='. */
static const struct row *find(const char *arg, const char **value)
{
	size_t len = strcspn(arg, "=");

	*value = arg[len] == '=' ? arg + len + 1 : NULL;
	for (size_t i = 0; i < ROWS; i++)
		if ((strlen(rows[i].name) == len && memcmp(rows[i].name, arg, len) == 0) ||
			(rows[i].letter && strcmp(rows[i].letter, arg) == 0))
			return &rows[i];
	return find_joined(arg, value);
}

/* How many arguments it takes; negative: it is wrong. */
static int take(struct cor_options *options, char **argv)
{
	const char *value;
	const struct row *row = find(argv[0], &value);
	char *member = (char *)options;

	if (!row)
		return refuse(argv[0], "no such option");
	member += row->at;
	if (!row->value) {
		if (value)
			return refuse(argv[0], "takes no value");
		*(bool *)(void *)member = true;
		return 1;
	}
	if (!value && !argv[1])
		return refuse(argv[0], "needs a value");
	*(const char **)(void *)member = value ? value : argv[1];
	return value ? 1 : 2;
}

static int read_number(const char *name, const char *text, int64_t max, int64_t *ret)
{
	char *end;

	if (!text)
		return 0;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || number < 0 || number > max) {
		fprintf(stderr, "%s %s: a whole number from 0 to %lld is wanted\n", name, text,
			(long long)max);
		return -EINVAL;
	}
	*ret = number;
	return 0;
}

static int choose_format(struct cor_options *options)
{
	int chosen = options->letters + options->names + options->tap + options->events;

	if (chosen > 1)
		return refuse("--letters, --verbose, --tap, --events", "one of them, not more");
	options->format = options->letters        ? COR_FORMAT_LETTERS
			  : options->names        ? COR_FORMAT_NAMES
			  : options->tap          ? COR_FORMAT_TAP
			  : options->events       ? COR_FORMAT_EVENTS
			  : isatty(STDOUT_FILENO) ? COR_FORMAT_LETTERS
						  : COR_FORMAT_TAP;
	return 0;
}

/* A debugger's tests wait for a person, and talk to the terminal. */
static void settle(struct cor_options *options)
{
	options->shuffle = options->shuffle || options->seed_text;
	if (options->jobs == 0)
		options->jobs = sysconf(_SC_NPROCESSORS_ONLN);
	if (options->jobs < 1)
		options->jobs = 1;
	if (options->jobs > COR_JOBS_MAX)
		options->jobs = COR_JOBS_MAX;
	if (options->no_fork) {
		options->no_capture = true;
		options->no_leaks = true;
		options->timeout_ms = 0;
	}
}

int cor_options_read(struct cor_options *ret, int argc, char **argv)
{
	struct cor_options *options = ret;
	int at = 1, rc = 0;

	*options = (struct cor_options){ .jobs = 1, .repeat = 1, .seed = -1, .timeout_ms = -1 };
	while (at < argc && argv[at][0] == '-' && strcmp(argv[at], "--") != 0) {
		int taken = take(options, argv + at);
		if (taken < 0)
			return taken;
		at += taken;
	}
	at += at < argc && strcmp(argv[at], "--") == 0;
	options->names_of_tests = argv + at;
	options->names_len = argc - at;
	rc = read_number("--jobs", options->jobs_text, COR_JOBS_MAX, &options->jobs);
	if (rc == 0)
		rc = read_number(
			"--repeat", options->repeat_text, COR_REPEAT_MAX, &options->repeat);
	if (rc == 0)
		rc = read_number("--seed", options->seed_text, UINT32_MAX, &options->seed);
	if (rc == 0)
		rc = read_number(
			"--timeout", options->timeout_text, INT32_MAX, &options->timeout_ms);
	if (rc == 0)
		rc = choose_format(options);
	settle(options);
	return rc;
}
