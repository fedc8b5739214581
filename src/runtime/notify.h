/* SPDX-License-Identifier: MIT */
/**
 * Telling a service manager how the service is: the datagrams of sd_notify(3).
 *
 * The manager listens on the socket that $NOTIFY_SOCKET names. No failure may stop the service: a
 * code is for a line of the log. Any thread, but no fiber where it says that it may block.
 *
 * systemd listens to the main process only, unless the unit says NotifyAccess=exec or =all. So the
 * old master of a binary upgrade tells MAINPID of the new one before it goes, and READY comes from
 * the new one afterwards.
 */
#ifndef CORACLE_RUNTIME_NOTIFY_H
#define CORACLE_RUNTIME_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/address.h"

#define COR_NOTIFY_STATUS_BYTES 512    /* longest status */
#define COR_NOTIFY_KEPT         "kept" /* the name of sockets that a manager was given to keep */

/** Who is told; zeroed: nobody. There is nothing to close. */
struct cor_notify {
	struct cor_address address;
};

/**
 * Read $NOTIFY_SOCKET: a path, or "@" and an abstract name. Where it is not set, and for vsock,
 * nobody is told. Returns 0, -EINVAL (it is something else), -ENAMETOOLONG; nobody is told then.
 */
int cor_notify_open(struct cor_notify *notify) COR_CHECKED;

/** Whether anybody is told. */
bool cor_notify_is_heard(const struct cor_notify *notify);

/*
 * Those that the manager acts on (ready, reloading, stopping, main_pid, keep) block up to 3 s while
 * its queue is full: a start that it does not hear of ends with a kill. Status and watchdog never
 * block, as the next one says it again.
 *
 * Each returns 1 when the datagram is in the manager's queue, 0 when nobody is told, -EAGAIN (the
 * queue is full), or the errno of socket() and sendto(): -ECONNREFUSED, -ENOENT (nobody listens).
 */

/** The service has started, or is done with reloading. */
int cor_notify_ready(const struct cor_notify *notify) COR_CHECKED;

/** It begins to reload: ready follows. Tells the time, as Type=notify-reload demands. */
int cor_notify_reloading(const struct cor_notify *notify) COR_CHECKED;

/** It begins to stop. */
int cor_notify_stopping(const struct cor_notify *notify) COR_CHECKED;

/**
 * A line for people: what `systemctl status` shows. A line break becomes a blank. Also
 * -EMSGSIZE: it is longer than COR_NOTIFY_STATUS_BYTES.
 */
int cor_notify_status(const struct cor_notify *notify, const char *text) COR_CHECKED;

/** It is alive: see cor_notify_watchdog_ms(). */
int cor_notify_watchdog(const struct cor_notify *notify) COR_CHECKED;

/** Another process is the service's first one from now on. */
int cor_notify_main_pid(const struct cor_notify *notify, pid_t pid) COR_CHECKED;

/**
 * Keep a copy of this descriptor for the next process (FDSTORE=1, FDNAME=kept): it is passed to
 * that as sockets are, so the socket never closes.
 */
int cor_notify_keep(const struct cor_notify *notify, int fd) COR_CHECKED;

/**
 * Keep it no longer: it is closed there. systemd's FDSTOREREMOVE=1 means all of a name; that of a
 * descriptor is between us and `coracle dev`.
 */
int cor_notify_forget(const struct cor_notify *notify, int fd) COR_CHECKED;

/**
 * The longest time between two calls of cor_notify_watchdog() that the manager allows, from
 * $WATCHDOG_USEC: call it twice as often. 0: it does not watch, or by $WATCHDOG_PID it watches
 * another process.
 */
uint32_t cor_notify_watchdog_ms(void);

/**
 * The process that started this one was watched, and this one takes its place: remove the variable
 * that says otherwise. Before any thread is started.
 */
void cor_notify_inherit_watchdog(void);

/** How often to call cor_notify_watchdog(): at half of that time. 0: never. */
uint32_t cor_notify_heartbeat_ms(const struct cor_notify *notify);

#endif
