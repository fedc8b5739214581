/* SPDX-License-Identifier: MIT */
/** Two programs, measured in turns. */
#ifndef CORACLE_CLI_BENCH_DUEL_H
#define CORACLE_CLI_BENCH_DUEL_H

#include "cli/bench.h"

/** --against: what was saved, and what is there now; tells how they compare. */
int cor_bench_compare_programs(const struct cor_bench *bench);

#endif
