/* SPDX-License-Identifier: MIT */
/**
 * Sockets that a service under `coracle dev` listens at besides that of --http: for TLS, for the
 * control process, whatever its settings say. A service gives a copy of each to the command, which
 * passes it on to the next one, so that none of them closes during a change. What the next one does
 * not use is dropped once that is ready.
 */
#ifndef CORACLE_CLI_DEV_KEPT_H
#define CORACLE_CLI_DEV_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "runtime/address.h"
#include "runtime/socket_file.h"

#define COR_DEV_KEPT_MAX 64

struct cor_dev_kept_socket {
	int fd;
	struct cor_address address;
	struct cor_socket_file file; /* of a unix socket: the command removes it in the end */
	pid_t user;                  /* who has said last that it listens there */
	bool is_of_service;          /* a service that was ready has listened there */
};

/** Zeroed: none. */
struct cor_dev_kept {
	struct cor_dev_kept_socket items[COR_DEV_KEPT_MAX];
	size_t len;
};

/**
 * Take a socket that the process listens at, which is the service, or the next one; a copy of one
 * that is known is closed. Returns whether there was room.
 */
bool cor_dev_keep(struct cor_dev_kept *kept, int fd, pid_t user, bool is_of_service);

/** The process, which is the last user of that socket, listens there no longer; `fd` is closed. */
void cor_dev_kept_close(struct cor_dev_kept *kept, int fd, pid_t user);

/**
 * Write the descriptors into `fds`, which has room for all; one whose file somebody has removed is
 * dropped: nobody finds it. Returns how many.
 */
size_t cor_dev_kept_list(struct cor_dev_kept *kept, int *fds);

/** The service is ready: where it does not listen nobody does. */
void cor_dev_kept_settle(struct cor_dev_kept *kept, pid_t service);

/** A process ended before it was ready: where only it has listened nobody does. */
void cor_dev_kept_forget(struct cor_dev_kept *kept);

/** Nobody listens any more. */
void cor_dev_kept_drop(struct cor_dev_kept *kept);

#endif
