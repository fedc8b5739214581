/* SPDX-License-Identifier: MIT */
#include "files/select.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <coracle/clock.h>

#include "files/embedded.h"
#include "files/memory.h"
#include "files/types.h"
#include "http/accept.h"

/* In the order in which they are taken if they are as welcome. */
struct coding {
	const char *name;
	const char *suffix;
};
static const struct coding codings[] = {
	{ "br", ".br" },
	{ "zstd", ".zst" },
	{ "gzip", ".gz" },
};
#define CODINGS  (sizeof codings / sizeof codings[0])
#define NS_PER_S 1000000000

static int find(const struct cor_file_server *server, struct cor_str name, struct cor_file *ret)
{
	if (server->files->embedded)
		return cor_embedded_find(server->files->embedded, name, ret);
	return cor_file_memory_find(server->memory, server->folder, name,
		server->files->memory_bytes ? cor_monotonic_ns() : 0, ret);
}

static void drop(struct cor_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
}

static int append(
	struct cor_arena *arena, struct cor_str name, const char *suffix, struct cor_str *ret)
{
	size_t len = strlen(suffix);
	char *text = cor_arena_alloc(arena, name.len + len + 1);

	if (!text)
		return -ENOMEM;
	if (name.len != 0)
		memcpy(text, name.data, name.len);
	memcpy(text + name.len, suffix, len + 1);
	*ret = (struct cor_str){ text, name.len + len };
	return 0;
}

/* --- compressed siblings --- */

/* Whether the value says of `identity` what it is worth: else anything accepted is welcomer. */
static bool names_identity(struct cor_str accept)
{
	static const char name[] = "identity";

	for (size_t i = 0; i + sizeof name - 1 <= accept.len; i++)
		if (strncasecmp(accept.data + i, name, sizeof name - 1) == 0)
			return true;
	return false;
}

/*
 * A sibling of before the file was changed last is of another file. Some who make them give them
 * the file's time in whole seconds: brotli -k, archives.
 */
static bool is_stale(const struct cor_file *sibling, const struct cor_file *file)
{
	int64_t changed_ns = file->modified_ns;

	if (sibling->modified_ns % NS_PER_S == 0)
		changed_ns -= changed_ns % NS_PER_S;
	return sibling->modified_ns < changed_ns;
}

/* No coding makes nothing of anything: what made it had no room, or is at it still. */
static bool is_of_use(const struct cor_file *sibling, const struct cor_file *file)
{
	return sibling->size != 0 && !is_stale(sibling, file);
}

/* Returns 1: it takes the place of the file. 0: it does not, or a negative code. */
static int try_sibling(const struct cor_file_server *server, struct cor_arena *arena,
	struct cor_str name, const struct coding *coding, struct cor_selected_file *selected)
{
	struct cor_file sibling;
	struct cor_str beside;
	int rc = append(arena, name, coding->suffix, &beside);

	if (rc == 0)
		rc = find(server, beside, &sibling);
	if (rc < 0)
		return rc == -ENOENT || rc == -EISDIR || rc == -EACCES ? 0 : rc;
	if (!is_of_use(&sibling, &selected->file)) {
		drop(&sibling);
		return 0;
	}
	drop(&selected->file);
	selected->file = sibling;
	selected->coding = coding->name;
	return 1;
}

/* The one with the most weight that is above `least` and below `most`, or as much behind `at`. */
static int next_weight(const int *weights, int least, int at)
{
	int best = -1;

	for (int i = 0; i < (int)CODINGS; i++) {
		bool is_behind = at < 0 || weights[i] < weights[at] ||
				 (i > at && weights[i] == weights[at]);
		if (is_behind && weights[i] >= least && (best < 0 || weights[i] > weights[best]))
			best = i;
	}
	return best;
}

static int select_coding(const struct cor_file_server *server, struct cor_arena *arena,
	struct cor_str name, struct cor_str accept, struct cor_selected_file *selected)
{
	int weights[CODINGS], least = 1, rc = 0;

	for (size_t i = 0; i < CODINGS; i++)
		weights[i] = cor_accept_encoding_quality(accept, cor_str(codings[i].name));
	if (names_identity(accept)) {
		int identity = cor_accept_encoding_quality(accept, COR_STR("identity"));
		least = identity > least ? identity : least;
	}
	for (int at = next_weight(weights, least, -1); at >= 0 && rc == 0;
		at = next_weight(weights, least, at))
		rc = try_sibling(server, arena, name, &codings[at], selected);
	/* in memory its siblings may have taken its place */
	if (rc == 0 && selected->file.bytes && !selected->file.lasts)
		rc = find(server, name, &selected->file);
	return rc < 0 ? rc : 0;
}

/* --- names --- */

static int select_name(const struct cor_file_server *server, struct cor_arena *arena,
	struct cor_str name, struct cor_str accept_encoding, struct cor_selected_file *ret)
{
	struct cor_type_of_file type = cor_file_type_find(name, server->files->types);
	struct cor_selected_file selected = { .media_type = type.media_type };
	int rc = find(server, name, &selected.file);

	if (rc < 0)
		return rc;
	selected.varies = server->files->precompressed && !type.is_compressed;
	if (selected.varies && accept_encoding.data)
		rc = select_coding(server, arena, name, accept_encoding, &selected);
	if (rc < 0) {
		drop(&selected.file);
		return rc;
	}
	*ret = selected;
	return 0;
}

/* A path that names a file by its looks is not one of a page. */
static bool may_fall_back(const struct cor_file_server *server, struct cor_str name)
{
	const char *slash = name.len != 0 ? memrchr(name.data, '/', name.len) : NULL;
	const char *last = slash ? slash + 1 : name.data;

	return server->files->fallback && !strchr(last, '.');
}

int cor_file_select(const struct cor_file_server *server, struct cor_arena *arena,
	const struct cor_file_name *name, struct cor_str accept_encoding,
	struct cor_selected_file *ret)
{
	struct cor_str text = name->text;
	int rc = 0;

	if (!name->is_folder && text.len == 0)
		return -EISDIR;
	if (name->is_folder)
		rc = server->index[0] ? append(arena, text, server->index, &text) : -ENOENT;
	if (rc == 0)
		rc = select_name(server, arena, text, accept_encoding, ret);
	if (rc == -EISDIR && name->is_folder)
		rc = -ENOENT; /* the index is a folder */
	if (rc == -ENOENT && may_fall_back(server, name->text))
		rc = select_name(
			server, arena, cor_str(server->files->fallback), accept_encoding, ret);
	return rc;
}
