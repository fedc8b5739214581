/* SPDX-License-Identifier: MIT */
/** Paths that the resources of a service must leave free, such as that of its documentation. */
#ifndef CORACLE_SERVICE_RESERVED_H
#define CORACLE_SERVICE_RESERVED_H

#include "service/making.h"

/**
 * Say which paths of the composition are options->reserved ones, beneath each prefix. Returns 0 or
 * -ENOMEM.
 */
int cor_check_reserved(struct cor_making *making) COR_CHECKED;

#endif
