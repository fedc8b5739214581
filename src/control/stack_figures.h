/* SPDX-License-Identifier: MIT */
/** Fibers and their stacks, in /metrics. Private to the control folder. */
#ifndef CORACLE_CONTROL_STACK_FIGURES_H
#define CORACLE_CONTROL_STACK_FIGURES_H

#include "control/control.h"
#include "control/exposition.h"

/** Write the families. Returns 0 or -ENOMEM. */
int cor_control_write_stacks(struct cor_ctx *ctx, struct cor_exposition *exposition) COR_CHECKED;

#endif
