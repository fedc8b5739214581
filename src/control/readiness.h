/* SPDX-License-Identifier: MIT */
/**
 * What the service's readiness checks have said in all workers that are ready. Nothing here waits.
 */
#ifndef CORACLE_CONTROL_READINESS_H
#define CORACLE_CONTROL_READINESS_H

#include "control/control.h"

/**
 * Whether clients may come: no required check fails in any worker that is ready, since nobody can
 * say which of them a client reaches; and in at least one of them all have passed. One that has
 * just started says nothing yet.
 *
 * *ret_why is NULL then, else the reason. Returns 0 or -ENOMEM.
 */
int cor_control_judge(struct cor_ctx *ctx, const char **ret_why) COR_CHECKED;

/**
 * A line for each check of each worker, each behind a `separator`; "" if there are no checks.
 * Returns 0 or -ENOMEM.
 */
int cor_control_print_checks(
	struct cor_ctx *ctx, const char *separator, const char **ret) COR_CHECKED;

#endif
