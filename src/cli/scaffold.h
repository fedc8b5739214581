/* SPDX-License-Identifier: MIT */
/**
 * Files that the command writes for users: templates in the folder scaffold, built into it.
 *
 * In a template @name@ stands for a word. Its path says where it goes: "whole/main/NAME.c.in" is
 * main/shop.c of a project shop; "dot-" begins a name that begins with a dot, and the folder
 * "text" is util, a name that this tree has for nothing of its own.
 */
#ifndef CORACLE_CLI_SCAFFOLD_H
#define CORACLE_CLI_SCAFFOLD_H

#include "cli/cli.h"

#define COR_SCAFFOLD_WORDS_MAX 6

/** What stands for "@mark@" in texts, and for "MARK", its letters large, in paths. */
struct cor_scaffold_word {
	const char *mark;
	const char *value;
};

/**
 * Write the templates of a kind ("whole") below a folder. Nothing is written if one of the files is
 * there. Returns COR_CLI_OK or COR_CLI_OUTPUT, told; with *ret_files (may be NULL) the paths that
 * were written, from the folder, NULL behind the last.
 */
int cor_scaffold_write(const struct cor_cli *cli, const char *kind, const char *folder,
	const struct cor_scaffold_word *words, const char ***ret_files);

/** What one template ("deploy/nginx.conf.in") makes; it is there. */
struct cor_str cor_scaffold_text(
	const struct cor_cli *cli, const char *template, const struct cor_scaffold_word *words);

/**
 * What is wrong with a word as a name in C that a service, or a struct, can have: half a sentence.
 * NULL: nothing is.
 */
const char *cor_scaffold_name_fault(const char *name);

/** The word in capitals, as the names of macros and variables are. */
const char *cor_scaffold_capitals(const struct cor_cli *cli, const char *word);

/** The word with dashes for underscores, as the names of hosts are. */
const char *cor_scaffold_dashed(const struct cor_cli *cli, const char *word);

/** my_shop of my-shop. */
const char *cor_scaffold_underscored(const struct cor_cli *cli, const char *word);

#endif
