/* SPDX-License-Identifier: MIT */
#include "testing/unused.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "testing/snapshot.h"

static bool knows_all(const struct cor_runner *runner)
{
	const struct cor_options *options = runner->options;

	if (options->keyword || options->names_len > 0 || options->last_failed ||
		runner->is_interrupted)
		return false;
	for (size_t i = 0; i < runner->plan.len; i++)
		if (runner->outcomes[i].state != COR_STATE_PASSED ||
			runner->outcomes[i].skipped_subtests > 0 ||
			runner->outcomes[i].has_more_snapshots)
			return false;
	return true;
}

static bool is_used(const struct cor_runner *runner, const char *file)
{
	size_t len = strlen(file);

	for (size_t i = 0; i < runner->plan.len; i++) {
		const char *at = runner->outcomes[i].snapshots;
		const char *end = at + runner->outcomes[i].snapshots_len;
		while (at < end) {
			size_t line = (size_t)((const char *)memchr(at, '\n', (size_t)(end - at)) -
					       at);
			if (line == len && memcmp(at, file, len) == 0)
				return true;
			at += line + 1;
		}
	}
	return false;
}

static bool is_snapshot_of(const char *file, const char *stem)
{
	size_t len = strlen(file), stem_len = strlen(stem);

	return len > stem_len + 5 && memcmp(file, stem, stem_len) == 0 &&
	       strcmp(file + len - 5, ".json") == 0 && !strchr(file + stem_len, '/') &&
	       strchr(file + stem_len, '.') == file + len - 5;
}

static void tell_of(const struct cor_runner *runner, const char *source)
{
	char folder[PATH_MAX], stem[NAME_MAX + 1], path[PATH_MAX + NAME_MAX + 2];
	DIR *files = cor_snapshot_place(source, folder, stem) ? opendir(folder) : NULL;
	struct dirent *entry;

	while (files && (entry = readdir(files)) != NULL) {
		if (!is_snapshot_of(entry->d_name, stem) || is_used(runner, entry->d_name))
			continue;
		snprintf(path, sizeof path, "%s%s", folder, entry->d_name);
		if (runner->options->update_snapshots && unlink(path) == 0)
			fprintf(stderr, "%s: removed, as no test has used it\n", path);
		else
			fprintf(stderr, "%s: no test has used it; --update-snapshots removes it\n",
				path);
	}
	if (files)
		closedir(files);
}

static bool is_first_of_file(const struct cor_plan *plan, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (plan->items[i].test->file &&
			strcmp(plan->items[i].test->file, plan->items[index].test->file) == 0)
			return false;
	return true;
}

void cor_unused_tell(const struct cor_runner *runner)
{
	if (!knows_all(runner))
		return;
	for (size_t i = 0; i < runner->plan.len; i++)
		if (runner->plan.items[i].test->file && is_first_of_file(&runner->plan, i))
			tell_of(runner, runner->plan.items[i].test->file);
}
