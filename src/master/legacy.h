/* SPDX-License-Identifier: MIT */
/**
 * What a master leaves to its successor in a binary upgrade: sockets, memory, and the pid file.
 *
 * Each thing goes over their channel as a packet of text with a descriptor, before the successor is
 * started. Text, because the two are different programs: what one of them does not know it ignores.
 */
#ifndef CORACLE_MASTER_LEGACY_H
#define CORACLE_MASTER_LEGACY_H

#include <stdint.h>

#include <coracle/api.h>
#include <coracle/arena.h>

#include "runtime/activation.h"
#include "runtime/listening.h"

/** On the giving side all of it is borrowed. Zeroed but for the descriptors: nothing. */
struct cor_legacy {
	struct cor_listening_set listening; /* bound by the master, without those of systemd */
	struct cor_listening_set control;   /* one, or none */
	struct cor_activation activation;   /* passed by systemd */
	const char *pid_file;               /* NULL: none */
	int pid_file_fd;
	int segment;            /* -1: taken, or not there */
	uint32_t generation;    /* the highest number so far */
	uint32_t posts;         /* how many workers there are to be */
	struct cor_arena arena; /* of the taking side */
};

/** Say it all, without waiting. Returns 0, -ENOMEM, or as cor_channel_give(). */
int cor_legacy_give(const struct cor_legacy *legacy, int channel) COR_CHECKED;

/**
 * Take all that has been said. The sockets are owned by the set of before: see
 * cor_listening_take_over(). Returns 0, -ENOMEM, -EPROTO (it is not complete); the caller releases
 * it in either case.
 */
int cor_legacy_take(struct cor_legacy *legacy, int channel) COR_CHECKED;

/** All has been taken over, or left: close the descriptors, but for systemd's sockets. */
void cor_legacy_close(struct cor_legacy *legacy);

/** Close and free it. Zeroed, it does nothing. */
void cor_legacy_release(struct cor_legacy *legacy);

#endif
