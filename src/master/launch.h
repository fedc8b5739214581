/* SPDX-License-Identifier: MIT */
/**
 * Starts a child: another image of a program, which inherits the descriptors that it is told of.
 */
#ifndef CORACLE_MASTER_LAUNCH_H
#define CORACLE_MASTER_LAUNCH_H

#include <sys/types.h>

#include <coracle/api.h>

#include "master/child.h"

struct cor_launch {
	int program; /* the file, opened: what is there if its path has been replaced since */
	char *const *argv;
	const struct cor_child *child;
	const char *withheld; /* it gets no variable whose name begins so; NULL: it gets all */
};

/**
 * Start it, with the caller's environment but for what is withheld, no signal blocked and each at
 * its default. Waits until exec has been done. Returns 0, -ENOMEM, -EAGAIN, or the errno of exec;
 * *ret is its pid.
 */
int cor_launch(const struct cor_launch *launch, pid_t *ret) COR_CHECKED;

#endif
