/* SPDX-License-Identifier: MIT */
/** What the service declares itself, in /metrics. Private to the control folder. */
#ifndef CORACLE_CONTROL_OWN_FIGURES_H
#define CORACLE_CONTROL_OWN_FIGURES_H

#include "control/control.h"
#include "control/exposition.h"

/** Write the families of its executors, if it has some. Returns 0 or -ENOMEM. */
int cor_control_write_executors(struct cor_ctx *ctx, struct cor_exposition *exposition) COR_CHECKED;

/** Write the families of its topics, if it has some. Returns 0 or -ENOMEM. */
int cor_control_write_topics(struct cor_ctx *ctx, struct cor_exposition *exposition) COR_CHECKED;

/** Write the families of its limits and security schemes, if it has some. Returns 0 or -ENOMEM. */
int cor_control_write_refusals(struct cor_ctx *ctx, struct cor_exposition *exposition) COR_CHECKED;

/** Write the families of its upstreams, if it has some. Returns 0 or -ENOMEM. */
int cor_control_write_upstreams(struct cor_ctx *ctx, struct cor_exposition *exposition) COR_CHECKED;

/** Write the families of its caches, if it has some. Returns 0 or -ENOMEM. */
int cor_control_write_caches(struct cor_ctx *ctx, struct cor_exposition *exposition) COR_CHECKED;

/** Write the families of the service's .metrics. Returns 0 or -ENOMEM. */
int cor_control_write_own(struct cor_ctx *ctx, struct cor_exposition *exposition) COR_CHECKED;

#endif
