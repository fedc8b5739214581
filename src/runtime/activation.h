/* SPDX-License-Identifier: MIT */
/**
 * Listening sockets that a service manager has opened for us: the protocol of sd_listen_fds(3).
 *
 * They are the descriptors from 3 on, $LISTEN_FDS of them, for the process $LISTEN_PID, with names
 * in $LISTEN_FDNAMES. A process that starts another gives it the sockets by other means: the
 * variables are read once, and removed.
 */
#ifndef CORACLE_RUNTIME_ACTIVATION_H
#define CORACLE_RUNTIME_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/address.h"
#include "runtime/notify.h"

/** A listening stream socket: non-blocking, closed on exec. */
struct cor_activated {
	int fd;
	const char *name; /* FileDescriptorName= of the unit; "unknown" where it is not said */
	char address[COR_ADDRESS_TEXT_BYTES]; /* that it is bound to */
};

/** Zeroed: nothing was passed. */
struct cor_activation {
	struct cor_activated *items;
	size_t len;
	char *names; /* what the names point into */
	/* Who keeps what this process binds, for the next one; borrowed. NULL: nobody */
	const struct cor_notify *keeper;
};

/**
 * Take what was passed to this process, and remove the variables. Several sockets may have the same
 * name. Before there are other threads, since it changes the environment.
 *
 * Returns 0 (also if nothing was passed, or for another process), -EINVAL (the variables contradict
 * each other or are not numbers), -ENOMEM, or what is wrong with the descriptor *ret_fd: -EBADF (it
 * is not open), -ENOTSOCK, -ESOCKTNOSUPPORT (not a stream socket), -ENOTCONN (it does not listen),
 * -EAFNOSUPPORT (neither TCP nor a unix socket). *ret_fd is -1 if no descriptor is to blame; the
 * descriptors stay open and *ret is zeroed. cor_activation_remedy() says what to do.
 */
int cor_activation_take(struct cor_activation *ret, int *ret_fd) COR_CHECKED;

/**
 * Append a socket that was passed to the process before this one. `name` is borrowed. Returns 0,
 * -ENOMEM, or what is wrong with it, as cor_activation_take(); it stays open then.
 */
int cor_activation_add(struct cor_activation *activation, int fd, const char *name) COR_CHECKED;

/**
 * What a code of cor_activation_take() means and what to do about it. With a *ret_fd it is the rest
 * of a sentence: "descriptor 3 " and this.
 */
const char *cor_activation_remedy(int code);

/** Whether an address means a socket that was passed: "systemd:NAME" or "systemd:NAME:2". */
bool cor_activation_is_address(const char *address);

/**
 * The socket that such an address means: the first of that name, or the one that the number says.
 * A socket without a name is called "unknown". Returns 0, -EINVAL (there is no name, or no number
 * from 2 on behind the colon), or -ENXIO (none was passed under that name, or not as many).
 */
int cor_activation_resolve(const struct cor_activation *activation, const char *address,
	const struct cor_activated **ret) COR_CHECKED;

/** The socket that the keeper was given by a process before, bound to the address; NULL: none. */
const struct cor_activated *cor_activation_kept(
	const struct cor_activation *activation, const struct cor_address *address);

/**
 * The keeper need keep a socket no longer, and ours of it is closed. Returns whether it has heard.
 */
bool cor_activation_forget(struct cor_activation *activation, int fd);

/** Give the memory back; the sockets stay open. Zeroed, it does nothing. */
void cor_activation_free(struct cor_activation *activation);

#endif
