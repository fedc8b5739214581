/* SPDX-License-Identifier: MIT */
/**
 * The other end of notify.h: what a program that starts services hears of them, as a service
 * manager does, by the datagrams of sd_notify(3). Nothing here waits or yields; any thread.
 */
#ifndef CORACLE_RUNTIME_NOTIFIED_H
#define CORACLE_RUNTIME_NOTIFIED_H

#include <stdbool.h>
#include <sys/types.h>

#include <coracle/api.h>

/**
 * Open the socket that $NOTIFY_SOCKET is to name, at a path where nothing is; closed on exec. Who
 * opens it removes the file. Returns the descriptor, -ENAMETOOLONG, or the errno of socket, bind.
 */
int cor_notified_open(const char *path) COR_CHECKED;

struct cor_notified {
	pid_t pid;     /* that has sent it */
	bool is_ready; /* it says READY=1 */
	int kept;      /* that of cor_notify_keep(): the caller's, closed on exec; -1: none */
	int forgotten; /* that of cor_notify_forget(), likewise */
};

/** Hear the next. Returns 0, or -EAGAIN: there is none. */
int cor_notified_hear(int fd, struct cor_notified *ret) COR_CHECKED;

#endif
