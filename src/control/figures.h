/* SPDX-License-Identifier: MIT */
/** All figures of a service, as text. */
#ifndef CORACLE_CONTROL_FIGURES_H
#define CORACLE_CONTROL_FIGURES_H

#include <coracle/context.h>

#include "base/buffer.h"

/**
 * Append all figures as text for Prometheus; ctx is of the service of a control. Returns 0,
 * -ENOMEM, or what a service's own figures failed with.
 */
int cor_control_print(struct cor_ctx *ctx, struct cor_buffer *ret) COR_CHECKED;

#endif
