/* SPDX-License-Identifier: MIT */
/* The notes of all accounts, in memory, and their attachments, in a folder. */
#ifndef EXAMPLES_NOTES_NOTEBOOK_H
#define EXAMPLES_NOTES_NOTEBOOK_H

#include "accounts.h"

#define NOTES_MAX 1000

struct note {
	int64_t id;
	int64_t version; /* 1 at first; 0: it is gone */
	struct timespec changed;
	char title[101];
	char text[4001];
	char attachment[101]; /* what its client calls it; "": there is none */
};

struct kept {
	struct note note;
	char owner[NAME_BYTES];
};

struct notebook {
	struct cor_mutex mutex;
	struct kept items[NOTES_MAX]; /* a note's id is its place and 1 */
	size_t len;
	const char *folder; /* of attachments */
};

extern const struct cor_resource notes, one_note, attachment;

struct notebook *notebook_of(struct cor_ctx *ctx);

#endif
