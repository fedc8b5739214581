/* SPDX-License-Identifier: MIT */
/** Where a program listens, for people. Private to the app folder. */
#ifndef CORACLE_APP_ADDRESSES_H
#define CORACLE_APP_ADDRESSES_H

#include "app/setup.h"
#include "runtime/address.h"
#include "runtime/listening.h"

struct cor_logger;

/** Whether the documentation is served: --docs, and where it listens. */
bool cor_setup_wants_docs(const struct cor_setup *setup);

/**
 * The address to listen on number `index`; of a socket that systemd has passed, the one that it is
 * bound to; zeroed where that is not known, as when a configuration is only checked. Returns as
 * cor_address_parse().
 */
int cor_setup_address(
	const struct cor_setup *setup, size_t index, struct cor_address *ret) COR_CHECKED;

/**
 * Close sockets that were kept of a process before, where this one does not listen: their clients
 * would wait for ever.
 */
void cor_addresses_release(struct cor_setup *setup);

/** Say where it listens, a line each. It needs no memory: a service that runs must say so. */
void cor_addresses_announce(const struct cor_setup *setup, struct cor_logger *logger,
	const struct cor_listening_set *listening);

/** The same of the control process, if there is one. */
void cor_addresses_announce_control(
	struct cor_logger *logger, const struct cor_listening_set *listening);

/**
 * Say why it does not listen on the address `text`, and what to do; NULL: why the server cannot
 * start. `code` is what cor_listening_open() has returned. Returns the exit status.
 */
enum cor_exit cor_addresses_explain(struct cor_logger *logger, const char *text, int code);

#endif
