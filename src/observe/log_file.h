/* SPDX-License-Identifier: MIT */
/**
 * A file in place of standard error, so that all goes there that would go to standard error: the
 * log, and the last line of a crash. Lines are appended, whole, by any number of processes.
 *
 * For rotation the file is renamed and opened again: a line goes to the old file or to the new one.
 * Nothing here yields; any thread.
 */
#ifndef CORACLE_OBSERVE_LOG_FILE_H
#define CORACLE_OBSERVE_LOG_FILE_H

#include <coracle/api.h>

/**
 * Open it for appending, closed on exec. A missing one is made, 0640 less the umask. Returns the
 * descriptor, -EINVAL (it is not a regular file), or the errno of open.
 */
int cor_log_file_open(const char *path) COR_CHECKED;

/**
 * Put an open file in the place of standard error, from where every process that is started
 * inherits it. `fd` is closed in any case. Returns 0 or the errno of dup2; standard error is then
 * what it was.
 */
int cor_log_file_use(int fd) COR_CHECKED;

/** What such a code means, in words: "it is not a file". */
const char *cor_log_file_why(int code);

/** Open it and use it. Returns as these two. */
int cor_log_file_begin(const char *path) COR_CHECKED;

#endif
