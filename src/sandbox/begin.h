/* SPDX-License-Identifier: MIT */
/** Private to the sandbox folder: what each confinement begins with. */
#ifndef CORACLE_SANDBOX_BEGIN_H
#define CORACLE_SANDBOX_BEGIN_H

#include "base/failure.h"

/**
 * `what` of a process is about to be confined: it must have no threads, and renounces new
 * privileges. Returns 0, -EBUSY, or the errno of prctl.
 */
int cor_sandbox_begin(const char *what, struct cor_start_failure *ret_failure) COR_CHECKED;

#endif
