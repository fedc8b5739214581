/* SPDX-License-Identifier: MIT */
#include "coverage/counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/json_node.h>

#define LINES_MAX 10000000 /* of a file; a number beyond that is a mistake of the document */

struct cor_file_counts *cor_coverage_file(struct cor_coverage *coverage, const char *path)
{
	for (size_t i = 0; i < coverage->files_len; i++)
		if (strcmp(coverage->files[i].path, path) == 0)
			return &coverage->files[i];
	if (coverage->files_len == coverage->files_room) {
		size_t room = coverage->files_room ? 2 * coverage->files_room : 64;
		struct cor_file_counts *files = cor_arena_zalloc(
			coverage->arena, room * sizeof *files);
		if (!files)
			return NULL;
		if (coverage->files_len)
			memcpy(files, coverage->files, coverage->files_len * sizeof *files);
		coverage->files = files;
		coverage->files_room = room;
	}
	struct cor_file_counts *file = &coverage->files[coverage->files_len++];
	*file = (struct cor_file_counts){ .path = cor_arena_strdup(coverage->arena, path) };
	return file->path ? file : NULL;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct cor_file_counts *)a)->path,
		((const struct cor_file_counts *)b)->path);
}

void cor_coverage_sort(struct cor_coverage *coverage)
{
	if (coverage->files_len)
		qsort(coverage->files, coverage->files_len, sizeof *coverage->files, by_path);
}

/* --- what gcov says --- */

static uint64_t number(const struct cor_node *object, const char *key)
{
	uint64_t value = 0;

	return cor_node_to_uint64(cor_node_get(object, key), &value) == 0 ? value : 0;
}

static const char *text(struct cor_arena *arena, const struct cor_node *object, const char *key)
{
	struct cor_str value;

	if (cor_node_to_text(cor_node_get(object, key), &value) < 0)
		return NULL;
	return cor_arena_printf(arena, "%.*s", (int)value.len, value.data);
}

static struct cor_line_counts *line_at(
	struct cor_arena *arena, struct cor_file_counts *file, size_t at)
{
	if (at >= file->lines_len) {
		size_t len = at + at / 2 + 64;
		struct cor_line_counts *lines = cor_arena_zalloc(arena, len * sizeof *lines);
		if (!lines)
			return NULL;
		if (file->lines_len)
			memcpy(lines, file->lines, file->lines_len * sizeof *lines);
		file->lines = lines;
		file->lines_len = len;
	}
	return &file->lines[at];
}

/* The same line of several objects (a header's) is one: branches of one place add up. */
static int add_branches(
	struct cor_arena *arena, struct cor_line_counts *line, const struct cor_node *branches)
{
	size_t len = cor_node_len(branches);

	if (len > line->branches_len) {
		uint64_t *counts = cor_arena_zalloc(arena, len * sizeof *counts);
		if (!counts)
			return -ENOMEM;
		if (line->branches_len)
			memcpy(counts, line->branches, line->branches_len * sizeof *counts);
		line->branches = counts;
		line->branches_len = len;
	}
	for (size_t i = 0; i < len; i++)
		line->branches[i] += number(cor_node_item(branches, i), "count");
	return 0;
}

static int add_lines(
	struct cor_arena *arena, struct cor_file_counts *file, const struct cor_node *lines)
{
	for (size_t i = 0; i < cor_node_len(lines); i++) {
		const struct cor_node *said = cor_node_item(lines, i);
		uint64_t at = number(said, "line_number");
		if (at == 0 || at > LINES_MAX)
			return -COR_ESYNTAX;
		struct cor_line_counts *line = line_at(arena, file, (size_t)at);
		if (!line)
			return -ENOMEM;
		line->is_statement = true;
		line->count += number(said, "count");
		int rc = add_branches(arena, line, cor_node_get(said, "branches"));
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int add_function(
	struct cor_arena *arena, struct cor_file_counts *file, const struct cor_node *said)
{
	struct cor_function_counts *functions;
	const char *name = text(arena, said, "name");
	uint64_t line = number(said, "start_line");
	size_t i = 0;

	if (!name || line > LINES_MAX)
		return -COR_ESYNTAX;
	while (i < file->functions_len && strcmp(file->functions[i].name, name) != 0)
		i++;
	if (i == file->functions_len) {
		functions = cor_arena_alloc(arena, (i + 1) * sizeof *functions);
		if (!functions)
			return -ENOMEM;
		if (i)
			memcpy(functions, file->functions, i * sizeof *functions);
		functions[i] = (struct cor_function_counts){ .name = name, .line = (uint32_t)line };
		file->functions = functions;
		file->functions_len++;
	}
	file->functions[i].count += number(said, "execution_count");
	return 0;
}

static int add_file(struct cor_coverage *coverage, const char *path, const struct cor_node *said)
{
	const struct cor_node *functions = cor_node_get(said, "functions");
	struct cor_file_counts *file = cor_coverage_file(coverage, path);
	int rc = file ? add_lines(coverage->arena, file, cor_node_get(said, "lines")) : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < cor_node_len(functions); i++)
		rc = add_function(coverage->arena, file, cor_node_item(functions, i));
	return rc;
}

static int add_document(struct cor_coverage *coverage, const struct cor_node *root,
	const char *(*wants)(void *arg, const char *folder, const char *file), void *arg)
{
	const struct cor_node *files = cor_node_get(root, "files");
	const char *folder = text(coverage->arena, root, "current_working_directory");
	int rc = files && folder ? 0 : -COR_ESYNTAX;

	for (size_t i = 0; rc == 0 && i < cor_node_len(files); i++) {
		const struct cor_node *said = cor_node_item(files, i);
		const char *name = text(coverage->arena, said, "file");
		const char *path = name ? wants(arg, folder, name) : NULL;
		if (!name)
			rc = -COR_ESYNTAX;
		else if (path)
			rc = add_file(coverage, path, said);
	}
	return rc;
}

int cor_coverage_add_gcov(struct cor_coverage *coverage, struct cor_str document,
	const char *(*wants)(void *arg, const char *folder, const char *file), void *arg)
{
	const struct cor_node_options options = { .depth_max = 16 };
	struct cor_arena scratch;
	struct cor_node *root;

	cor_arena_init(&scratch, NULL, 0, 0);
	int rc = cor_node_parse(&scratch, document, &options, &root, NULL);
	if (rc == 0)
		rc = add_document(coverage, root, wants, arg);
	else if (rc != -ENOMEM)
		rc = -COR_ESYNTAX;
	cor_arena_finish(&scratch);
	return rc;
}
