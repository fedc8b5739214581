/* SPDX-License-Identifier: MIT */
/** Inside struct cor_script. */
#ifndef CORACLE_SCRIPT_SCRIPT_H
#define CORACLE_SCRIPT_SCRIPT_H

#include <coracle/script.h>

#include "client/carrier.h"

/** What carries the calls of whoever uses it. */
const struct cor_carrier *cor_script_carrier(struct cor_script *script);

#endif
