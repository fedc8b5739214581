/* SPDX-License-Identifier: MIT */
/**
 * How often each line of a program ran, and which of its branches were taken: what gcov says of
 * many objects, put together by file.
 *
 * A line with code is a statement. Nothing here reads a file: texts come in, and reports go out
 * (table.h, formats.h, pages.h). All memory is the arena's.
 */
#ifndef CORACLE_COVERAGE_COUNTS_H
#define CORACLE_COVERAGE_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/str.h>

struct cor_line_counts {
	bool is_statement;
	bool is_excluded; /* somebody said that it need not run */
	uint64_t count;
	uint64_t *branches; /* how often each was taken */
	size_t branches_len;
};

struct cor_function_counts {
	const char *name;
	uint32_t line;
	uint64_t count;
};

struct cor_file_counts {
	const char *path;
	struct cor_line_counts *lines; /* by number: the first is line 0, which no file has */
	size_t lines_len;
	struct cor_function_counts *functions;
	size_t functions_len;
	struct cor_str text; /* of the source; data NULL: it is not known */
};

struct cor_coverage {
	struct cor_arena *arena;
	struct cor_file_counts *files; /* sorted by cor_coverage_sort() */
	size_t files_len, files_room;
};

/**
 * Add what `gcov --json-format --branch-probabilities` printed of an object: a document. `wants`
 * says by which name a file is reported, NULL if it is not; `folder` is where it was compiled.
 * Returns 0, -ENOMEM, or -COR_ESYNTAX: it is no such document.
 */
int cor_coverage_add_gcov(struct cor_coverage *coverage, struct cor_str document,
	const char *(*wants)(void *arg, const char *folder, const char *file),
	void *arg) COR_CHECKED;

/** The file of a path, made if there is none; NULL: no memory. Valid until the next is made. */
struct cor_file_counts *cor_coverage_file(struct cor_coverage *coverage, const char *path);

/** By path, as reports list them. */
void cor_coverage_sort(struct cor_coverage *coverage);

#endif
