/* SPDX-License-Identifier: MIT */
/* Requests that were kept, as tests. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/arena.h>
#include <coracle/error.h>
#include <coracle/str.h>
#include <coracle/test.h>
#include <coracle/test_fuzz.h>

#include "fuzz/session.h"

#define STATUS_USAGE 4

struct kept {
	const char *name; /* of the file */
	const char *path;
	const char *operation;
	const char *source; /* beside which, or above, is what comes first */
	const struct cor_service *service;
};

struct reading {
	struct cor_arena arena;
	const struct cor_service *service;
	const char *source;         /* of the program */
	const char *folder;         /* of that */
	struct cor_case cases[256]; /* one for each operation */
	size_t len;
};

/* --- a test --- */

static void show_request(const struct cor_fuzz_request *request)
{
	struct cor_buffer text = { 0 };

	cor_fuzz_request_write(request, &text);
	fprintf(stderr, "--- the request:\n%.*s\n---\n", (int)text.len, text.data);
	cor_buffer_finish(&text);
}

static void try_kept(struct cor_test *t)
{
	const struct kept *kept = t->row;
	struct cor_fuzz_request request = { 0 };
	struct cor_fuzz_session session;
	int rc = cor_fuzz_session_init(&session, kept->service, kept->operation, 2);

	if (rc == -ENOENT) {
		cor_fuzz_session_finish(&session);
		cor_test_skip(t, "the service has no operation %s any more: remove %s",
			kept->operation, kept->path);
	}
	if (rc == 0)
		rc = cor_fuzz_request_load(kept->path, &request);
	if (rc == 0)
		rc = cor_before_load_near(&session.before, kept->source);
	if (rc == 0)
		rc = cor_before_check(&session.before, session.promise.document);
	if (rc == 0) {
		session.looks_for_leaks = false; /* the test's own look does it */
		int status;
		const char *wrong = cor_fuzz_session_begin(&session, &status);
		if (!wrong)
			wrong = cor_fuzz_session_ask(&session, &request);
		if (wrong)
			cor_test_fail_at(t, kept->path, 1, "%s", wrong);
	} else {
		cor_test_fail_at(t, kept->path, 1, "%s",
			session.before.fault  ? session.before.fault
			: rc == -COR_EINVALID ? "is no request"
					      : cor_strerror(rc));
	}
	if (cor_test_has_failed(t))
		show_request(&request);
	cor_fuzz_request_finish(&request);
	cor_fuzz_session_finish(&session);
}

/* --- which there are --- */

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int add_operation(struct reading *reading, const char *operation)
{
	struct cor_arena *arena = &reading->arena;
	const char *folder = cor_arena_printf(arena, "%s%s", reading->folder, operation);
	struct dirent **entries = NULL;
	int len = scandir(folder, &entries, is_visible, by_name), at = 0;

	if (len <= 0) { /* no folder, or an empty one */
		free(entries);
		return 0;
	}
	struct kept *kept = cor_arena_zalloc(arena, (size_t)len * sizeof *kept);
	for (; kept && at < len; at++) {
		kept[at].name = cor_arena_strdup(arena, entries[at]->d_name);
		kept[at].path = cor_arena_printf(arena, "%s/%s", folder, kept[at].name);
		kept[at].operation = operation;
		kept[at].source = reading->source;
		kept[at].service = reading->service;
	}
	for (int i = 0; i < len; i++)
		free(entries[i]);
	free(entries);
	if (at < len)
		return -ENOMEM;
	reading->cases[reading->len++] = (struct cor_case){ .name = operation,
		.run = try_kept,
		.file = folder,
		.line = 1,
		.rows = kept,
		.row_bytes = sizeof *kept,
		.rows_len = (size_t)len,
		.row_name_at = 1 + offsetof(struct kept, name) };
	return 0;
}

static int read_all(struct reading *reading)
{
	struct dirent **entries = NULL;
	int len = scandir(reading->folder, &entries, is_visible, by_name),
	    rc = len < 0 ? -errno : 0;

	for (int i = 0; i < len; i++) {
		char *name = cor_arena_strdup(&reading->arena, entries[i]->d_name);
		if (rc == 0)
			rc = !name ? -ENOMEM
			     : reading->len == sizeof reading->cases / sizeof reading->cases[0]
				     ? -COR_ETOOLARGE
				     : add_operation(reading, name);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

int cor_fuzz_kept(int argc, char **argv, const char *file, const struct cor_service *service)
{
	struct reading *reading = calloc(1, sizeof *reading);
	const char *slash = strrchr(file, '/');
	int status = STATUS_USAGE;

	if (!reading)
		return STATUS_USAGE;
	cor_arena_init(&reading->arena, NULL, 0, 0);
	reading->service = service;
	reading->source = file;
	reading->folder = slash ? cor_arena_copy(&reading->arena, file, (size_t)(slash - file) + 1)
				: "./";
	int rc = read_all(reading);
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", reading->folder, cor_strerror(rc));
	else
		status = cor_test_main(argc, argv,
			&(struct cor_suite){ .cases = reading->cases, .cases_len = reading->len });
	cor_arena_finish(&reading->arena);
	free(reading);
	return status;
}
