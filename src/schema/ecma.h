/* SPDX-License-Identifier: MIT */
/**
 * Patterns as ECMA-262 writes them with the u flag (JSON Schema 2020-12, core 6.4), said to PCRE2.
 * Private to the schema folder.
 *
 * What ECMA-262 does not know is refused, so that whoever reads the document can compile what
 * stands there. What both know but mean differently is written out: `.`, \s, \S, escapes. Refused
 * too is what PCRE2 cannot be made to mean: a backreference to a group that is still open or inside
 * another one, half of a surrogate pair.
 */
#ifndef CORACLE_SCHEMA_ECMA_H
#define CORACLE_SCHEMA_ECMA_H

#include <coracle/str.h>

#include "base/buffer.h"

/** What is wrong with a pattern, and where: characters, counted from 1. */
struct cor_ecma_fault {
	const char *text;
	size_t at;
	bool is_unsupported; /* ECMA-262 knows it */
};

/**
 * Callouts (PCRE2) that let the work of a match be counted: one where each search and each group
 * begins, and one on either side of what is repeated, so that all that is between two of them is of
 * the pattern's size, or was passed over. The number of each says what else it costs:
 */
#define COR_ECMA_PASSED   0   /* nothing; up to 99: what that group has matched, compared again */
#define COR_ECMA_AT_LEAST 100 /* and n more: up to 2^n characters before the next one */
#define COR_ECMA_REST     116 /* as far as the end of the text at most */
#define COR_ECMA_CHOICES  120 /* and n more: 2^n for what is tried here before one of it matches */

/** How a pattern is to be written, and what was seen on the way. */
struct cor_ecma {
	bool counts;       /* in: with the callouts */
	bool scans;        /* out: something in it can pass over a part of the text of any length */
	bool scans_again;  /* out: and stands in a group that is repeated */
	unsigned scanners; /* out: how many such things are in it */
	unsigned repeats;  /* out: how many things that are repeated a few times */
	size_t written;    /* out: bytes */
};

/**
 * Append the pattern as PCRE2 is to read it. 0, -COR_EINVALID with *ret_fault, or the buffer's
 * error.
 */
int cor_ecma_translate(struct cor_str pattern, struct cor_ecma *ecma, struct cor_buffer *buffer,
	struct cor_ecma_fault *ret_fault) COR_CHECKED;

#endif
