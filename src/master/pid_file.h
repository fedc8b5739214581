/* SPDX-License-Identifier: MIT */
/**
 * The file with the process id of the master, for those who want one.
 *
 * A lock on the file, not the number in it, says that its writer lives: it goes with the process,
 * and a number may long be another's. The lock belongs to the open description (fcntl(2), open file
 * description locks), so it is handed over with the descriptor.
 *
 * In a binary upgrade the new master inherits the descriptor, as it inherits the sockets, adopts
 * the file, and claims it when it is ready. So there is one file, it is locked, and it names a
 * living master at all times. nginx renames the file of the old master, and back if the new one
 * fails; nothing is renamed here. The old master's removal leaves alone what the new one claimed.
 *
 * Nothing here yields; all is for the one thread of the master.
 */
#ifndef CORACLE_MASTER_PID_FILE_H
#define CORACLE_MASTER_PID_FILE_H

#include <coracle/api.h>

#include "base/failure.h"

/** An open one holds the lock. */
struct cor_pid_file {
	const char *path; /* borrowed; NULL: there is no file */
	int fd;           /* closed on exec */
};

/**
 * Make the file, 0644, with the id of this process in it. A stale one is replaced; what is not a
 * pid file is left alone.
 *
 * Returns 0, -EBUSY (another process lives that holds it), -ELOOP (a symbolic link), -EEXIST (the
 * file is not a pid file), or the errno of open(), fcntl(), write(), fchmod() and unlink().
 * *ret_failure then says what to do, and *ret is untouched.
 */
int cor_pid_file_create(const char *path, struct cor_pid_file *ret,
	struct cor_start_failure *ret_failure) COR_CHECKED;

/**
 * Take over the file whose descriptor was inherited from the master before. It keeps that one's id
 * until it is claimed. Returns 0, -ESTALE (another file stands at the path, or none), -EBUSY (the
 * descriptor does not hold the lock), -EBADF. *ret is untouched on failure, the descriptor stays
 * open.
 */
int cor_pid_file_adopt(const char *path, int fd, struct cor_pid_file *ret) COR_CHECKED;

/**
 * Write the id of this process: in a new master that is ready, and again in the old one if the new
 * one died afterwards. Readers see the old id or the new one. Returns 0, or the errno of write().
 */
int cor_pid_file_claim(const struct cor_pid_file *file) COR_CHECKED;

/**
 * Remove the file if it is still the one that was made and names this process, and give the lock
 * back. If the folder does not allow that any more, the file is emptied. Zeroed, or removed before,
 * it does nothing.
 */
void cor_pid_file_remove(struct cor_pid_file *file);

#endif
