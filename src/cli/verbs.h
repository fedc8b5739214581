/* SPDX-License-Identifier: MIT */
/**
 * The verbs of the program: a row each, in a file each. The command line, --help, the completions
 * of shells and the manual page are all read from here.
 */
#ifndef CORACLE_CLI_VERBS_H
#define CORACLE_CLI_VERBS_H

#include <stdbool.h>
#include <stddef.h>

#include <coracle/str.h>

#define COR_CLI_OPTIONS_MAX 16

struct cor_cli;

struct cor_cli_option {
	const char *name;   /* "--junit" */
	const char *letter; /* "-k"; NULL: it has none */
	const char *value;  /* "FILE", which may follow it or stand behind a "="; NULL: a flag */
	const char *doc;    /* half a sentence */
	/*
	 * What the value can be, for completions: words, "TESTS" or "OPERATIONS". NULL: a file, or
	 * anything.
	 */
	const char *choices;
};

struct cor_cli_verb {
	const char *name;
	const char *arguments; /* "NAME"; "" where it has none */
	const char *summary;   /* half a sentence, for the list */
	const char *doc;       /* paragraphs, with an empty line between them */
	/** What an argument can be, for completions: as of an option, or "FILE", or "VERB". */
	const char *choices;
	size_t chosen_max;           /* how many arguments, from the first, must be one of these */
	size_t words_min, words_max; /* how many arguments it takes */
	const char *rest;            /* what may follow "--", for the usage; NULL: nothing */
	/** It needs no project; else it works in that of this folder, or the nearest around it. */
	bool is_anywhere;
	/** The last one has no name. */
	struct cor_cli_option options[COR_CLI_OPTIONS_MAX];
	/** Returns the exit status; an error is told. */
	int (*run)(struct cor_cli *cli);
};

/** In the order of --help; NULL behind the last. */
extern const struct cor_cli_verb *const cor_cli_verbs[];

extern const struct cor_cli_verb cor_cli_bench;
extern const struct cor_cli_verb cor_cli_build;
extern const struct cor_cli_verb cor_cli_completions;
extern const struct cor_cli_verb cor_cli_cover;
extern const struct cor_cli_verb cor_cli_deploy;
extern const struct cor_cli_verb cor_cli_dev;
extern const struct cor_cli_verb cor_cli_doctor;
extern const struct cor_cli_verb cor_cli_fuzz;
extern const struct cor_cli_verb cor_cli_generate;
extern const struct cor_cli_verb cor_cli_help;
extern const struct cor_cli_verb cor_cli_lint;
extern const struct cor_cli_verb cor_cli_new;
extern const struct cor_cli_verb cor_cli_openapi;
extern const struct cor_cli_verb cor_cli_routes;
extern const struct cor_cli_verb cor_cli_serve;
extern const struct cor_cli_verb cor_cli_top;
extern const struct cor_cli_verb cor_cli_test;

/** NULL: there is none of this name. */
const struct cor_cli_verb *cor_cli_verb(const char *name);

/** The verb that a misspelt name may mean; NULL: none is near. */
const struct cor_cli_verb *cor_cli_verb_meant(const char *name);

/** An option of a verb by its name or letter, of `len` bytes. NULL: it has none such. */
const struct cor_cli_option *cor_cli_option(
	const struct cor_cli_verb *verb, const char *name, size_t len);

/** The options of all verbs; the last one has no name. */
extern const struct cor_cli_option cor_cli_everywhere[];

#endif
