/* SPDX-License-Identifier: MIT */
/**
 * Files of the process that is the service, the master or the only one: its log and its pid
 * file. Private to the app folder.
 */
#ifndef CORACLE_APP_OWN_FILES_H
#define CORACLE_APP_OWN_FILES_H

#include "app/setup.h"
#include "master/pid_file.h"

/** Zeroed: none. */
struct cor_own_files {
	struct cor_pid_file pid_file;
};

/**
 * Make the pid file, and log to the log file from now on, as far as they were asked for. Reports
 * what is wrong. Not for children, which inherit the log.
 */
enum cor_exit cor_own_files_open(
	const struct cor_setup *setup, struct cor_own_files *ret) COR_CHECKED;

/** Remove the pid file; a second call does nothing. */
void cor_own_files_close(struct cor_own_files *files);

#endif
