/* SPDX-License-Identifier: MIT */
/**
 * The file of a listening unix socket: remembered, so that only our own is removed, and made by one
 * program at a time.
 */
#ifndef CORACLE_RUNTIME_SOCKET_FILE_H
#define CORACLE_RUNTIME_SOCKET_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/address.h"

/** Zeroed: no file. */
struct cor_socket_file {
	dev_t device;
	ino_t inode;
};

/**
 * The file that a socket was just bound to; zeroed if the address is not that of a unix socket.
 */
struct cor_socket_file cor_socket_file_at(const struct cor_address *address);

/** Whether two descriptors are copies of one socket: they have its inode. */
bool cor_socket_is_same(int a, int b);

/** Remove it, unless somebody has put another in its place. */
void cor_socket_file_remove(const struct cor_socket_file *file, const struct cor_address *address);

/**
 * Keep others from making such a file in the same folder: one that is bound and does not listen yet
 * looks like one that a dead server has left. Blocks while another program starts, for a second at
 * most, since anybody may hold a lock of a folder. Returns what unlocks it; -1: it is not locked.
 */
int cor_socket_folder_lock(const struct cor_address *address);

void cor_socket_folder_unlock(int lock);

#endif
