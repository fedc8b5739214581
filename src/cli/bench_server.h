/* SPDX-License-Identifier: MIT */
/** A service that `coracle bench` has started, or one that runs somewhere. */
#ifndef CORACLE_CLI_BENCH_SERVER_H
#define CORACLE_CLI_BENCH_SERVER_H

#include <stdint.h>
#include <sys/types.h>

#include "cli/asked.h"
#include "cli/cli.h"

#define COR_BENCH_OTHERS 4 /* listeners besides --http and --control */

struct cor_bench_server {
	const char *control; /* where its control process is instead; NULL: it has none */
	bool is_closed[COR_BENCH_OTHERS]; /* which .env has, and would take an address of another */
	const char *address;              /* as <coracle/net.h> has it */
	const char *host;                 /* what requests are sent to: "127.0.0.1:40123" */
	const char *prefix;               /* what stands before each path: "" */
	const char *program;              /* NULL: it was not started by us */
	pid_t pid;                        /* 0: the same */
	struct cor_asked asked;           /* what it is asked: cor_bench_prepare() makes it */
};

/**
 * Start a program on a free port of the loopback, with the options that follow -- of the command
 * line, and wait until it can be asked. What is wrong with its settings it says itself, on standard
 * error; what it logs is dropped. Returns COR_CLI_OK, or COR_CLI_TOOL, told.
 */
int cor_bench_start(const struct cor_cli *cli, const char *program, struct cor_bench_server *ret);

/** One that runs, by its URL: "http://127.0.0.1:8080/api", "unix:PATH". COR_CLI_USAGE, told. */
int cor_bench_find(const struct cor_cli *cli, const char *url, struct cor_bench_server *ret);

/** End it, if we have started it. Returns false if it had ended already, told. */
bool cor_bench_stop(const struct cor_cli *cli, struct cor_bench_server *server);

/** For how long its threads, and those of its processes, have run; -1: nobody knows. */
int64_t cor_bench_cpu_ns(const struct cor_bench_server *server);

#endif
