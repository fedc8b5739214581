/* SPDX-License-Identifier: MIT */
#include "testing/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <coracle/arena.h>
#include <coracle/error.h>
#include <coracle/json_node.h>

#include "testing/expect.h"
#include "testing/expect_json.h"

#define SNAPSHOT_BYTES_MAX ((size_t)16 * 1024 * 1024)
#define NAME_LETTERS       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

/* --- the file --- */

bool cor_snapshot_place(const char *source, char folder[PATH_MAX], char stem[NAME_MAX + 1])
{
	const char *slash = strrchr(source, '/');
	const char *name = slash ? slash + 1 : source;
	const char *dot = strrchr(name, '.');
	int folder_len = snprintf(folder, PATH_MAX, "%.*ssnapshots/", (int)(name - source), source);
	int stem_len = snprintf(stem, NAME_MAX + 1, "%.*s.",
		(int)(dot ? (size_t)(dot - name) : strlen(name)), name);

	return folder_len < PATH_MAX && stem_len <= NAME_MAX;
}

struct snapshot {
	char folder[PATH_MAX];
	char path[PATH_MAX];
	const char *file; /* within the path: behind the folder */
};

static bool find(struct snapshot *snapshot, const char *source, const char *name)
{
	char stem[NAME_MAX + 1];

	if (!cor_snapshot_place(source, snapshot->folder, stem))
		return false;
	int len = snprintf(
		snapshot->path, sizeof snapshot->path, "%s%s%s.json", snapshot->folder, stem, name);
	snapshot->file = snapshot->path + strlen(snapshot->folder);
	return len > 0 && (size_t)len < sizeof snapshot->path - sizeof ".new";
}

/* Its text in the arena. -ENOENT: there is none. */
static int read_text(struct cor_arena *arena, const char *path, struct cor_str *ret)
{
	FILE *in = fopen(path, "re");
	struct stat status;

	if (!in)
		return -errno;
	char *text = fstat(fileno(in), &status) == 0 && (size_t)status.st_size < SNAPSHOT_BYTES_MAX
			     ? cor_arena_alloc(arena, (size_t)status.st_size + 1)
			     : NULL;
	size_t len = text ? fread(text, 1, (size_t)status.st_size, in) : 0;
	fclose(in);
	if (!text)
		return -COR_ETOOLARGE;
	*ret = (struct cor_str){ text, len };
	return 0;
}

/* Whoever reads it meanwhile has the old one, or the new one. */
static int write_text(const struct snapshot *snapshot, struct cor_str text)
{
	char path[PATH_MAX + 4];

	if (mkdir(snapshot->folder, 0777) < 0 && errno != EEXIST)
		return -errno;
	snprintf(path, sizeof path, "%s.new", snapshot->path);
	FILE *out = fopen(path, "we");
	if (!out)
		return -errno;
	bool is_written = fwrite(text.data, 1, text.len, out) == text.len &&
			  fputc('\n', out) != EOF;
	if (fclose(out) != 0 || !is_written)
		return -EIO;
	return rename(path, snapshot->path) < 0 ? -errno : 0;
}

/* --- what the test is told --- */

static bool fail(
	struct cor_test *t, const struct cor_test_place *place, const char *path, const char *why)
{
	cor_test_fail_at(t, place->file, place->line, "%s %s", path, why);
	return false;
}

/* As people read it, and a difference of versions shows it. */
static int print(struct cor_arena *arena, const struct cor_node *node, struct cor_str *ret)
{
	struct cor_json_writer *writer = cor_write_begin(
		arena, &(struct cor_write_options){ .indent = 2 });

	cor_write_node(writer, node);
	return cor_write_finish(writer, ret);
}

static bool is_the_same(struct cor_arena *arena, struct cor_str old, const struct cor_node *node)
{
	struct cor_node *other = NULL;

	return cor_node_parse(arena, old, NULL, &other, NULL) == 0 && cor_node_equal(other, node);
}

static bool update(struct cor_test *t, const struct cor_test_place *place,
	const struct snapshot *snapshot, struct cor_arena *arena, const struct cor_test_value *json)
{
	struct cor_node *node = NULL;
	struct cor_str old = { NULL, 0 }, text = { NULL, 0 };

	if (json->kind != COR_TEST_TEXT || !json->pointer ||
		cor_node_parse(arena, json->text, NULL, &node, NULL) < 0)
		return fail(
			t, place, snapshot->path, "is not written: what is to be in it is no JSON");
	if (read_text(arena, snapshot->path, &old) == 0 && is_the_same(arena, old, node))
		return true;
	int rc = print(arena, node, &text);
	if (rc == 0)
		rc = write_text(snapshot, text);
	if (rc < 0)
		cor_test_fail_at(t, place->file, place->line,
			"%s cannot be written from the working directory: %s", snapshot->path,
			cor_strerror(rc));
	return rc == 0;
}

static bool compare(struct cor_test *t, const struct cor_test_place *place,
	const struct snapshot *snapshot, struct cor_arena *arena, const struct cor_test_value *json)
{
	struct cor_str text = { NULL, 0 };
	int rc = read_text(arena, snapshot->path, &text);

	if (rc == -ENOENT)
		return fail(t, place, snapshot->path,
			"is not there yet: --update-snapshots writes it, in the folder where the "
			"test was compiled");
	if (rc < 0)
		return fail(t, place, snapshot->path, cor_strerror(rc));
	struct cor_test_value wanted = cor_test_str(text);
	if (cor_expect_json_text(t, place, json, &wanted))
		return true;
	return fail(t, place, snapshot->path,
		"says otherwise: --update-snapshots writes what there is now");
}

static void note_use(struct cor_test *t, const struct snapshot *snapshot)
{
	struct cor_outcome *outcome = t->run->outcome;
	size_t len = strlen(snapshot->file);

	pthread_mutex_lock(&t->run->lock);
	if (len + 1 < sizeof outcome->snapshots - outcome->snapshots_len) {
		memcpy(outcome->snapshots + outcome->snapshots_len, snapshot->file, len);
		outcome->snapshots_len += len;
		outcome->snapshots[outcome->snapshots_len++] = '\n';
	} else {
		outcome->has_more_snapshots = true;
	}
	pthread_mutex_unlock(&t->run->lock);
}

bool cor_test_snapshot(struct cor_test *t, const struct cor_test_place *place, const char *name,
	struct cor_test_value json)
{
	struct snapshot snapshot;
	struct cor_arena arena;

	if (*name == '\0' || name[strspn(name, NAME_LETTERS)] != '\0' ||
		!find(&snapshot, place->file, name))
		return cor_expect_result(t, place,
			fail(t, place, name,
				"is no name of a snapshot: it has letters, digits, '_' and '-'"));
	note_use(t, &snapshot);
	cor_arena_init(&arena, NULL, 0, 0);
	bool result = (t->run->updates_snapshots ? update : compare)(
		t, place, &snapshot, &arena, &json);
	cor_arena_finish(&arena);
	return cor_expect_result(t, place, result);
}
