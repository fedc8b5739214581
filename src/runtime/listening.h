/* SPDX-License-Identifier: MIT */
/**
 * Listening sockets, from bind to close. The opener of a set owns it and closes the sockets and
 * removes the files of unix sockets. Servers borrow it, even several servers in several processes:
 * a process that inherits the sockets adopts them, and what it does then is felt by nobody else.
 */
#ifndef CORACLE_RUNTIME_LISTENING_H
#define CORACLE_RUNTIME_LISTENING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

#include "runtime/activation.h"
#include "runtime/socket_file.h"
#include "runtime/transport.h"

/*
 * A socket that a service manager has passed to us ("systemd:NAME"), or keeps for the next process
 * (activation.h), stays the manager's: it is never unlinked or shut down, so clients that are
 * queued when we end are served by the next start.
 */
struct cor_listening {
	int fd;
	const char *address;         /* as it was given; borrowed */
	struct cor_socket_file file; /* of a unix socket that this set has bound; else none */
	bool is_lent;                /* shared with the set of before, which owns it still */
	bool is_kept;                /* by the manager */
};

struct cor_listening_set {
	const struct cor_transport *transport;
	struct cor_listening *items;
	size_t len;
	bool is_adopted;  /* another process owns the sockets */
	mode_t unix_mode; /* of each, as in cor_listen_options */
	bool has_unix_group;
	gid_t unix_group;
};

struct cor_listening_options {
	const char *const *addresses; /* text as in <coracle/net.h>; borrowed as long as the set */
	size_t len;
	struct cor_listen_options each;
	const struct cor_transport *transport; /* NULL: the system's */
	/* Addresses that this set has, too, share its sockets; NULL: none */
	const struct cor_listening_set *before;
	const struct cor_activation *activation; /* sockets that were passed to us; NULL: none */
};

/**
 * Bind and listen on each address. A stale unix socket is replaced. Where the activation has a
 * keeper, that is given each socket, and one that it has already is used again. Never yields. All
 * or nothing: returns 0, -ENOMEM, -ENXIO (no such socket was passed to us), or what
 * cor_transport_listen() returns; *ret_failed (may be NULL) is then the address that failed, NULL
 * if none did.
 */
int cor_listening_open(struct cor_listening_set *set, const struct cor_listening_options *options,
	const char **ret_failed) COR_CHECKED;

/**
 * A set of sockets that listen already and belong to another process: `fds` in the order of
 * options->addresses. They are closed with the set, but unlink, stop_queueing and shut_down do
 * nothing. Returns 0 or -ENOMEM; the descriptors stay the caller's then.
 */
int cor_listening_adopt(struct cor_listening_set *set, const struct cor_listening_options *options,
	const int *fds) COR_CHECKED;

/**
 * The set owns what it shares with `before` from now on. What only `before` has is no longer
 * queued at, and its files are removed: clients queued there can still be accepted. `activation`
 * (NULL: none) forgets it. Returns whether there was any.
 */
bool cor_listening_take_over(struct cor_listening_set *set, struct cor_listening_set *before,
	struct cor_activation *activation);

/**
 * Give the files of its unix sockets the mode and the group that the options say: those of sockets
 * that were there before have what was said then. What the options do not say stays. Returns 0, or
 * the errno of the last that failed; *ret_failed is then its address.
 */
int cor_listening_admit(const struct cor_listening_set *set, const char **ret_failed) COR_CHECKED;

/** Another process owns them from now on. */
void cor_listening_disown(struct cor_listening_set *set);

/**
 * Append a socket that was bound by the process before this one, whose owner this set becomes with
 * cor_listening_take_over(). `address` is borrowed. Zeroed, the set is empty. Returns 0 or -ENOMEM.
 */
int cor_listening_add(struct cor_listening_set *set, const struct cor_listening *item) COR_CHECKED;

/** Their owner has gone: what is done to the sockets is for this process to do. */
void cor_listening_inherit(struct cor_listening_set *set);

/** The port that socket `index` is bound to; 0 for a unix socket. */
uint16_t cor_listening_port(const struct cor_listening_set *set, size_t index);

/**
 * Whether clients wait to be accepted on any of its TCP sockets. The kernel does not say how many
 * wait on a unix socket.
 */
bool cor_listening_has_queue(const struct cor_listening_set *set);

/**
 * Remove the files of unix sockets, unless somebody has put others in their place: before anything
 * stops to accept, since another server may take the path over as soon as nobody answers there. Any
 * thread; a second call does nothing.
 */
void cor_listening_unlink(struct cor_listening_set *set);

/**
 * Stop new connections from entering the queues, which can still be accepted from. For the last
 * user of the sockets. Any thread.
 */
void cor_listening_stop_queueing(struct cor_listening_set *set);

/**
 * Refuse new and queued connections. For the last user of the sockets, when nobody accepts any
 * more. Any thread.
 */
void cor_listening_shut_down(struct cor_listening_set *set);

/** Remove the files and close the sockets. Zeroed, or closed before, it does nothing. */
void cor_listening_close(struct cor_listening_set *set);

#endif
