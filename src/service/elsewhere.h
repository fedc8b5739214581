/* SPDX-License-Identifier: MIT */
/** A handler that runs on an executor. */
#ifndef CORACLE_SERVICE_ELSEWHERE_H
#define CORACLE_SERVICE_ELSEWHERE_H

#include <coracle/service.h>

#include "exchange/exchange.h"

/**
 * Call the operation on a thread, or in a process, of its executor, and wait. Yields. *ret is its
 * output, in the memory of x. Returns what it has returned, or as cor_offload().
 */
int cor_serve_elsewhere(struct cor_exchange *x, const struct cor_operation *operation,
	const void *in, void **ret) COR_CHECKED;

#endif
