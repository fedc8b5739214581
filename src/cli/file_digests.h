/* SPDX-License-Identifier: MIT */
/** SHA-256 of files, each of which is read once. */
#ifndef CORACLE_CLI_FILE_DIGESTS_H
#define CORACLE_CLI_FILE_DIGESTS_H

#include "base/sha256.h"
#include "cli/cli.h"

#define COR_DIGEST_TEXT_BYTES (2 * COR_SHA256_BYTES + 1) /* in hexadecimal, with the NUL */

struct cor_file_digest {
	const char *path;
	char text[COR_DIGEST_TEXT_BYTES]; /* "-": it cannot be read */
	unsigned list;                    /* for the caller: the last list that it is on */
};

/** Zero it, but for cli. What is in it is in the arena. */
struct cor_file_digests {
	const struct cor_cli *cli;
	struct cor_file_digest **slots;
	size_t size, len;
	unsigned lists;
};

/** Of the file as it was when it was asked for first; the path is from the working directory. */
struct cor_file_digest *cor_file_digest_of(struct cor_file_digests *digests, const char *path);

/** Of words, each with its end. */
void cor_words_digest(const char *const *words, char ret[COR_DIGEST_TEXT_BYTES]);

#endif
