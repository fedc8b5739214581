/* SPDX-License-Identifier: MIT */
/** What a service is sent before it is measured (before/file.h), and what is measured then. */
#ifndef CORACLE_CLI_BENCH_BEFORE_H
#define CORACLE_CLI_BENCH_BEFORE_H

#include "cli/bench.h"

/** Read test/before.http. COR_CLI_INPUT, told: what is wrong with it. */
int cor_bench_read_before(struct cor_bench *bench);

/**
 * Send a server what goes before, if we have started it, and make the request. Returns COR_CLI_OK,
 * or what failed, told.
 */
int cor_bench_prepare(const struct cor_bench *bench, struct cor_bench_server *server);

#endif
