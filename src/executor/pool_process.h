/* SPDX-License-Identifier: MIT */
/** What a process of a pool does, in that process: run jobs that come by its mailbox. */
#ifndef CORACLE_EXECUTOR_POOL_PROCESS_H
#define CORACLE_EXECUTOR_POOL_PROCESS_H

#include "executor/nursery.h"

/** The life of the process, which is the calling one: forked for that mailbox. */
_Noreturn void cor_pool_process_run(const struct cor_nursery *nursery, uint32_t slot);

#endif
