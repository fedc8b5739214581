/* SPDX-License-Identifier: MIT */
/**
 * Sockets that one process hands to another of the same user, with a few bytes about each.
 *
 * An inbox is a datagram socket with a name that no file system knows. Whoever has an inbox can
 * send to others. Nothing here waits or yields; any thread.
 */
#ifndef CORACLE_RUNTIME_INBOX_H
#define CORACLE_RUNTIME_INBOX_H

#include <stddef.h>
#include <sys/types.h>

#include <coracle/api.h>

#define COR_INBOX_NAME_BYTES 64 /* with its NUL */

/**
 * Open an inbox of that name, closed on exec. Returns the descriptor, -EADDRINUSE (another process
 * has the name), -EINVAL (it is too long), or the errno of socket.
 */
int cor_inbox_open(const char *name) COR_CHECKED;

/**
 * Send `fd` and the bytes to the inbox named `to`. The caller keeps its descriptor. Returns 0,
 * -EAGAIN (that inbox is full), -ECONNREFUSED (there is none, or it takes no more), or another
 * errno of sendmsg.
 */
int cor_inbox_send(int inbox, const char *to, const void *data, size_t len, int fd) COR_CHECKED;

/**
 * Receive the next: exactly `len` bytes, and a descriptor, closed on exec, that is the caller's.
 * What another user, or nobody of ours, has sent is dropped. Returns 0, -EAGAIN (none is here),
 * -EMFILE (the process may open no more: it stays there), or -EPIPE (none is here and none will
 * come: the inbox takes no more).
 */
int cor_inbox_receive(int inbox, void *data, size_t len, int *ret_fd) COR_CHECKED;

/** Take no more: senders are refused from now on. What is here can still be received. */
void cor_inbox_stop(int inbox);

#endif
