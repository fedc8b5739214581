/* SPDX-License-Identifier: MIT */
/**
 * A folder of the system, whose files are opened by name, beneath it whatever links it holds:
 * openat2(2) with RESOLVE_BENEATH, or without it a walk that follows no link.
 */
#ifndef CORACLE_FILES_FOLDER_H
#define CORACLE_FILES_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>

/** What is served, or may be. */
struct cor_file {
	int fd;            /* -1: in memory */
	const char *bytes; /* in memory */
	bool lasts;        /* they do as long as the program */
	uint64_t device;   /* which it is on */
	uint64_t number;   /* of its inode */
	int64_t size;
	int64_t modified_ns; /* since 1970; -1: not known */
	int64_t changed_ns;  /* the same of its inode, which nobody can set back */
	const char *etag;    /* NULL: to be made of the size and that */
};

/** Fill in what an open file is. Returns 0, -ENOENT (it is not a regular file), -EISDIR or -EIO. */
int cor_file_look_at(int fd, struct cor_file *ret) COR_CHECKED;

/** Open a folder. Returns its descriptor or the negative errno. */
int cor_folder_open(const char *path) COR_CHECKED;

/**
 * Whether this process may open what is in it, as far as can be told without a name: a sandbox, or
 * another user than the one that opened the folder, may not. Returns 0 or -EACCES.
 */
int cor_folder_try(int folder) COR_CHECKED;

/**
 * Open a name of it, as openat() does with those flags, one segment after the other, and follow no
 * link: where there is no openat2. Returns the descriptor or the negative errno.
 */
int cor_folder_walk(int folder, const char *name, int flags) COR_CHECKED;

/**
 * Open a regular file of it; name has a NUL behind it. Never waits for another process. Returns 0
 * (the caller closes ret->fd), -ENOENT (there is none that can be served), -EISDIR, -EACCES,
 * -EMFILE, -ENFILE, -ENOMEM or -EIO.
 */
int cor_folder_find(int folder, struct cor_str name, struct cor_file *ret) COR_CHECKED;

/**
 * Whether a name of it leads to that very file, and it has not changed: cheaper than to open it. A
 * change within the same tick of the clock as the one before cannot be told.
 */
bool cor_folder_has(int folder, struct cor_str name, const struct cor_file *file);

#endif
