/* SPDX-License-Identifier: MIT */
/** How far a misspelt word is from one that it may mean. Sans-I/O; never yields. */
#ifndef CORACLE_CLI_GUESS_H
#define CORACLE_CLI_GUESS_H

#include <stddef.h>

#include <coracle/str.h>

#define COR_GUESS_FAR 100

/**
 * Letters that differ, are missing, too many, or swapped with their neighbour (the distance of
 * Damerau and Levenshtein); 0 also where `word` begins `meant`. COR_GUESS_FAR: nobody would mean
 * that.
 */
size_t cor_guess_distance(const char *word, const char *meant);

/** Which of `words`, with blanks between them, `word` may mean. Empty: none. */
struct cor_str cor_guess_word(const char *word, const char *words);

#endif
