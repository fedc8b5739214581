/* SPDX-License-Identifier: MIT */
/** How long what the service times took (cor_timed). Private to the control folder. */
#ifndef CORACLE_CONTROL_TIMED_H
#define CORACLE_CONTROL_TIMED_H

#include "control/control.h"
#include "control/exposition.h"

/** Write its families, if something was timed. */
void cor_control_write_timed(struct cor_ctx *ctx, struct cor_exposition *exposition);

#endif
