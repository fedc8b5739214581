/* SPDX-License-Identifier: MIT */
#include "sandbox/begin.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <coracle/error.h>

/* Landlock cannot reach threads that are there already, and what looks confined must be. */
static bool has_threads(void)
{
	struct stat tasks;

	return stat("/proc/self/task", &tasks) == 0 &&
	       tasks.st_nlink > 3; /* ".", ".." and itself */
}

/* Without it only root may confine itself: a setuid program would be deceived. */
int cor_sandbox_begin(const char *what, struct cor_start_failure *ret_failure)
{
	if (has_threads())
		return cor_failure_set(ret_failure, -EBUSY,
			"cannot confine %s of a process that has threads: nothing may start one before",
			what);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		int rc = -errno;
		return cor_failure_set(
			ret_failure, rc, "cannot renounce new privileges: %s", cor_strerror(rc));
	}
	return 0;
}
