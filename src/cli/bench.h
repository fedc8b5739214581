/* SPDX-License-Identifier: MIT */
/** What the parts of `coracle bench` share. Each function tells what fails. */
#ifndef CORACLE_CLI_BENCH_H
#define CORACLE_CLI_BENCH_H

#include "before/file.h"
#include "cli/asked.h"
#include "cli/bench_figures.h"
#include "cli/bench_server.h"
#include "cli/project.h"

struct cor_bench {
	struct cor_cli *cli;
	struct cor_project project;
	const char *program; /* build/release/shop */
	/* What is measured: an operation of the document, or a path as it is. */
	const struct cor_node *document; /* NULL: of a service that we know nothing of */
	bool has_operation;
	struct cor_asked_operation operation;
	const char *method, *path;
	struct cor_asked_operation like; /* whose path it is; its .node NULL: of none */
	struct cor_before *before;       /* what each server is sent first; NULL: nothing */
	double connections, rate_per_s, seconds, warm_s, rounds;
};

/** Measure a server; the figures point to *result. */
int cor_bench_load(const struct cor_bench *bench, const struct cor_bench_server *server,
	double seconds, struct cor_load_result *result, struct cor_bench_figures *ret);

/** The same before it counts. */
int cor_bench_warm_up(const struct cor_bench *bench, const struct cor_bench_server *server,
	struct cor_load_result *result);

/** What was asked, of whom, and how: a line, or the first members of an object. */
void cor_bench_write_head(const struct cor_bench *bench, const struct cor_bench_server *server,
	struct cor_buffer *buffer);
void cor_bench_begin_json(const struct cor_bench *bench, const struct cor_bench_server *server,
	struct cor_json_writer *writer);
int cor_bench_finish_json(
	const struct cor_bench *bench, struct cor_json_writer *writer, struct cor_str *ret);

/** The path of what --save keeps, from the project's folder. */
const char *cor_bench_saved(const struct cor_bench *bench, const char *name, const char *file);

#endif
