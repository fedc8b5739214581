/* SPDX-License-Identifier: MIT */
/** What the nursery does, in its own process. */
#ifndef CORACLE_EXECUTOR_CRADLE_H
#define CORACLE_EXECUTOR_CRADLE_H

#include "executor/nursery.h"

/** The life of the nursery, which is the calling process. */
_Noreturn void cor_cradle_run(struct cor_nursery *nursery);

#endif
