/* SPDX-License-Identifier: MIT */
/**
 * Entries read from their files, and checked: nothing that is found there is believed.
 */
#ifndef CORACLE_FILE_STORE_ENTRY_FILE_H
#define CORACLE_FILE_STORE_ENTRY_FILE_H

#include <sys/stat.h>

#include "file_store/file_store.h"

/** What has stood where an entry may be. */
enum cor_entry_found {
	COR_ENTRY_NONE = 0, /* no file */
	COR_ENTRY_GOOD,     /* that key, whole, and its time is not over */
	COR_ENTRY_OTHER,    /* whole, but another key with the same name */
	COR_ENTRY_EXPIRED,  /* whole so far, and its time is over */
	COR_ENTRY_BROKEN,   /* a file of ours, and no entry */
	COR_ENTRY_FOREIGN,  /* a link, a pipe, a directory, another user's, one with two names */
};

struct cor_entry_read {
	bool at_once; /* what must wait for a disk is -EAGAIN */
	/* Asked once the entry was found, so that none is from a later time. */
	const struct cor_clock *clock;
	struct cor_arena *arena; /* for the value */
};

struct cor_entry {
	struct cor_entry_head head; /* of COR_ENTRY_GOOD */
	struct cor_str value;
	int64_t left_ns; /* to live; or COR_FOREVER */
};

/**
 * Read what is kept under a key. Returns an enum cor_entry_found; -EAGAIN, -EIO, -ENOMEM, -EMFILE
 * or another code that says nothing of the file.
 */
int cor_entry_load(struct cor_file_store *store, const struct cor_entry_key *key,
	const struct cor_entry_read *how, struct cor_entry *ret);

/**
 * Read the entry in a file of that name, whatever its key is. *ret_key is in the arena, without the
 * cache's prefix; one with another prefix is COR_ENTRY_OTHER. Returns as cor_entry_load().
 */
int cor_entry_load_named(struct cor_file_store *store, const char *name,
	const struct cor_entry_read *how, struct cor_str *ret_key, struct cor_entry *ret);

/** Whether a file may be an entry of ours. */
bool cor_entry_may_be(const struct cor_file_store *store, const struct stat *file);

#endif
