/* SPDX-License-Identifier: MIT */
#include "cli/kept_runs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <coracle/clock.h>

#include "cli/files.h"

#define FORM       "coracle lint 1"
#define NAME_BYTES 32 /* of the digest in a name */
#define UNUSED_S   (30 * 24 * 3600)

static size_t count_of(const struct cor_kept_run *run)
{
	size_t len = 0;

	while (run->sources[len])
		len++;
	return len;
}

/* Of the tool's version, its command line, and the compilers', which clang-tidy reads itself. */
static const char *path_of(const struct cor_kept_runs *kept, const struct cor_cli_job *job)
{
	const struct cor_kept_run *run = job->of;
	char digest[COR_DIGEST_TEXT_BYTES];
	size_t words = 2, len = 0;

	for (size_t i = 0; job->argv[i]; i++)
		words++;
	for (size_t i = 0; run->sources[i]; i++)
		words += run->sources[i]->argc + 1;
	const char **all = cor_cli_alloc(kept->cli, words * sizeof *all);
	all[len++] = run->version;
	for (size_t i = 0; job->argv[i]; i++)
		all[len++] = job->argv[i];
	for (size_t i = 0; run->sources[i]; i++) {
		const struct cor_compile_command *source = run->sources[i];
		all[len++] = source->folder;
		memcpy(all + len, source->argv, source->argc * sizeof *all);
		len += source->argc;
	}
	cor_words_digest(all, digest);
	return cor_cli_text(kept->cli, "%s/%s-%.*s", kept->folder, run->tool, NAME_BYTES, digest);
}

/* --- a run that is kept --- */

/* Whether the file of a line "SHA-256 PATH" is as it was. */
static bool is_as_before(struct cor_kept_runs *kept, const char *line, size_t len)
{
	size_t digest = strcspn(line, " ");

	if (digest + 1 >= len)
		return false;
	const char *path = cor_cli_text(
		kept->cli, "%.*s", (int)(len - digest - 1), line + digest + 1);
	const struct cor_file_digest *now = cor_file_digest_of(&kept->digests, path);
	return strlen(now->text) == digest && memcmp(now->text, line, digest) == 0;
}

static bool find(struct cor_kept_runs *kept, struct cor_cli_job *job)
{
	const char *path = path_of(kept, job), *begin, *at;
	struct cor_str text;

	/* it is used: before it is read, so that no other lint removes it meanwhile */
	if (utimensat(AT_FDCWD, path, NULL, 0) != 0 ||
		cor_cli_read_file(kept->cli, path, &text) != COR_CLI_OK)
		return false;
	at = begin = cor_cli_text(kept->cli, "%.*s", (int)text.len, text.data);
	if (strncmp(at, FORM "\n", strlen(FORM "\n")) != 0)
		return false;
	for (at += strcspn(at, "\n"); *at && at[1] != '\n'; at += 1 + strcspn(at + 1, "\n"))
		if (!is_as_before(kept, at + 1, strcspn(at + 1, "\n")))
			return false;
	if (!*at)
		return false;
	size_t head = (size_t)(at + 2 - begin);
	job->output = (struct cor_str){ text.data + head, text.len - head };
	return true;
}

/* --- a run to be kept --- */

/* Once in each list. Returns whether it can be read. */
static bool add_file(struct cor_kept_runs *kept, const char *path, struct cor_buffer *ret)
{
	struct cor_file_digest *file = cor_file_digest_of(&kept->digests, path);

	if (file->list != kept->digests.lists)
		cor_buffer_printf(ret, "%s %s\n", file->text, path);
	file->list = kept->digests.lists;
	return file->text[0] != '-';
}

static bool add_files(struct cor_kept_runs *kept, const char *const *paths, struct cor_buffer *ret)
{
	for (; *paths; paths++)
		if (!add_file(kept, *paths, ret))
			return false;
	return true;
}

/* Those of this name in the folder of a source and all above it: a tool takes the nearest. */
static void add_configuration(
	struct cor_kept_runs *kept, const char *name, const char *path, struct cor_buffer *ret)
{
	char *folder = cor_cli_text(kept->cli, "%s", path), *slash;

	while ((slash = strrchr(folder, '/'))) {
		*slash = '\0';
		(void)add_file(kept, cor_cli_text(kept->cli, "%s/%s", folder, name), ret);
	}
}

/* What it is made of. Returns false where nobody knows, or it cannot be read. */
static bool list_files(
	struct cor_kept_runs *kept, const struct cor_kept_run *run, struct cor_buffer *ret)
{
	kept->digests.lists++;
	for (size_t i = 0; run->sources[i]; i++) {
		const struct cor_compile_command *source = run->sources[i];
		if (!source->made_of)
			return false;
		if (!add_files(kept, source->made_of, ret))
			return false;
		if (source->made_for_clang && run->is_clang &&
			!add_files(kept, source->made_for_clang, ret))
			return false;
		if (run->configuration)
			add_configuration(kept, run->configuration, source->whole_path, ret);
	}
	return true;
}

/* As soon as it has ended, so that half an hour is not lost to Ctrl-C. What has failed is not. */
static void keep(void *arg, const struct cor_cli_job *job)
{
	struct cor_kept_runs *kept = arg;
	struct cor_buffer text = { 0 };

	if (!kept->folder || job->status != 0)
		return;
	cor_buffer_literal(&text, FORM "\n");
	if (!list_files(kept, job->of, &text)) {
		cor_buffer_finish(&text);
		return;
	}
	cor_buffer_byte(&text, '\n');
	cor_buffer_append_str(&text, job->output);
	if (cor_cli_replace_file(kept->cli, path_of(kept, job), cor_cli_take(kept->cli, &text)) !=
		COR_CLI_OK)
		kept->folder = NULL; /* told once */
}

/* Ask of what the sources are made, and read it as it is before a tool looks. */
static int prepare(struct cor_kept_runs *kept, const struct cor_cli_job *jobs, size_t len)
{
	struct cor_compile_command **sources;
	size_t all = 0, count = 0;

	for (size_t i = 0; i < len; i++)
		all += jobs[i].is_done ? 0 : count_of(jobs[i].of);
	sources = cor_cli_alloc(kept->cli, (all + 1) * sizeof *sources);
	for (size_t i = 0; i < len; i++) {
		const struct cor_kept_run *run = jobs[i].of;
		for (size_t at = 0; !jobs[i].is_done && run->sources[at]; at++)
			sources[count++] = run->sources[at];
	}
	int rc = cor_compile_commands_ask(kept->cli, sources, count);
	if (rc == COR_CLI_OK && len && ((const struct cor_kept_run *)jobs[0].of)->is_clang)
		rc = cor_compile_commands_ask_clang(kept->cli, sources, count);
	for (size_t i = 0; rc == COR_CLI_OK && i < len; i++) {
		struct cor_buffer text = { 0 };
		if (!jobs[i].is_done)
			(void)list_files(kept, jobs[i].of, &text);
		cor_buffer_finish(&text);
	}
	return rc;
}

int cor_kept_runs_do(struct cor_kept_runs *kept, struct cor_cli_job *jobs, size_t len)
{
	for (size_t i = 0; i < len; i++)
		jobs[i].is_done = find(kept, &jobs[i]);
	int rc = prepare(kept, jobs, len);
	return rc == COR_CLI_OK ? cor_cli_run_at_once(kept->cli, jobs, len, keep, kept) : rc;
}

/* --- what nobody uses --- */

/* "gcc-1f...", and "gcc-1f....712.new", which a lint that was killed has left. */
static bool is_run(const char *name)
{
	const char *dash = strrchr(name, '-');

	return dash && dash != name && strspn(dash + 1, "0123456789abcdef") == NAME_BYTES &&
	       (dash[1 + NAME_BYTES] == '\0' || dash[1 + NAME_BYTES] == '.');
}

void cor_kept_runs_clear(const struct cor_kept_runs *kept)
{
	DIR *dir = kept->folder ? opendir(kept->folder) : NULL;
	int64_t before_s = cor_now().tv_sec - UNUSED_S;
	const struct dirent *entry;
	struct stat facts;

	while (dir && (entry = readdir(dir)))
		if (is_run(entry->d_name) &&
			fstatat(dirfd(dir), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(facts.st_mode) && facts.st_mtim.tv_sec < before_s)
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}
