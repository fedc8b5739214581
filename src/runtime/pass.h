/* SPDX-License-Identifier: MIT */
/** Descriptors that travel between processes over unix sockets: unix(7), SCM_RIGHTS. */
#ifndef CORACLE_RUNTIME_PASS_H
#define CORACLE_RUNTIME_PASS_H

#include <sys/socket.h>

#include <coracle/api.h>

/**
 * Send a message, which has no control data yet, together with a copy of `fd`. Returns 0 or the
 * negative errno of sendmsg. Raises no signal. Never yields.
 */
int cor_pass_descriptor(int socket, struct msghdr message, int fd) COR_CHECKED;

#endif
