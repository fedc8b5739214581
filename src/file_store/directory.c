/* SPDX-License-Identifier: MIT */
#include "file_store/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <coracle/error.h>

#define NAME_BYTES  (sizeof "coracle-4294967295-" + COR_CACHE_NAME_BYTES)
#define OTHERS_MAY  (S_IRWXG | S_IRWXO)
#define OTHERS_EDIT (S_IWGRP | S_IWOTH)

static void print_name(const struct cor_cache *cache, char name[static NAME_BYTES])
{
	snprintf(name, NAME_BYTES, "coracle-%u-%s", (unsigned)geteuid(), cache->name);
}

/* Whoever owns a directory or may write there can put another in the place of ours. In a sticky one
 * others cannot, and what its owner can do is found when ours is opened. */
static bool is_safe_place(const struct stat *at)
{
	bool is_owned = at->st_uid == 0 || at->st_uid == geteuid();

	return (at->st_mode & S_ISVTX) != 0 || (is_owned && (at->st_mode & OTHERS_EDIT) == 0);
}

static bool is_ours_alone(const struct stat *own)
{
	return own->st_uid == geteuid() && (own->st_mode & OTHERS_MAY) == 0;
}

/* --- open --- */

static int make_parents(char *path)
{
	for (char *at = path + 1; (at = strchr(at, '/')) != NULL; at++) {
		*at = '\0';
		int rc = mkdir(path, S_IRWXU) < 0 && errno != EEXIST ? -errno : 0;
		*at = '/';
		/* Some systems say first that it is read-only, also if it is there already. */
		if (rc < 0 && rc != -EROFS && rc != -EACCES)
			return rc;
	}
	return mkdir(path, S_IRWXU) < 0 && errno != EEXIST ? -errno : 0;
}

static int open_directory(int at, const char *path, int flags)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);

	return fd < 0 ? -errno : fd;
}

static int open_place(const char *at)
{
	char path[PATH_MAX];
	int fd = open_directory(AT_FDCWD, at, 0);

	if (fd != -ENOENT)
		return fd;
	if (snprintf(path, sizeof path, "%s", at) >= (int)sizeof path)
		return -ENAMETOOLONG;
	int rc = make_parents(path);
	return rc < 0 ? rc : open_directory(AT_FDCWD, at, 0);
}

static int open_own(int place, const char *name)
{
	int fd = open_directory(place, name, O_NOFOLLOW);

	if (fd != -ENOENT)
		return fd;
	if (mkdirat(place, name, S_IRWXU) < 0 && errno != EEXIST)
		return -errno;
	return open_directory(place, name, O_NOFOLLOW);
}

/* The descriptor, if what it leads to passes; else it is closed. */
static int checked(int fd, bool (*passes)(const struct stat *))
{
	struct stat found;
	int rc = fd;

	if (fd < 0)
		return fd == -ELOOP || fd == -ENOTDIR ? -EPERM : fd;
	if (fstat(fd, &found) < 0)
		rc = -errno;
	else if (!passes(&found))
		rc = -EPERM;
	if (rc < 0)
		close(fd);
	return rc;
}

int cor_cache_directory_open(const struct cor_cache *cache)
{
	char name[NAME_BYTES];
	int place = open_place(cache->at);

	if (place == -ELOOP || place == -ENOTDIR)
		return place;
	place = checked(place, is_safe_place);
	if (place < 0)
		return place;
	print_name(cache, name);
	int own = checked(open_own(place, name), is_ours_alone);
	close(place);
	return own;
}

/* --- look --- */

/* The nearest directory that is there: in it what is missing would be made. */
static int check_parents(const char *at)
{
	char path[PATH_MAX];
	struct stat found;
	char *end;

	if (snprintf(path, sizeof path, "%s", at) >= (int)sizeof path)
		return -ENAMETOOLONG;
	while (stat(path, &found) < 0) {
		if (errno != ENOENT)
			return -errno;
		end = strrchr(path, '/');
		if (!end)
			snprintf(path, sizeof path, ".");
		else
			end[end == path] = '\0';
	}
	if (!S_ISDIR(found.st_mode))
		return -ENOTDIR;
	return faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

int cor_cache_directory_check(const struct cor_cache *cache)
{
	char name[NAME_BYTES];
	int place = open_directory(AT_FDCWD, cache->at, 0);

	if (place == -ENOENT)
		return check_parents(cache->at);
	if (place == -ELOOP || place == -ENOTDIR)
		return place;
	place = checked(place, is_safe_place);
	if (place < 0)
		return place;
	print_name(cache, name);
	int own = open_directory(place, name, O_NOFOLLOW);
	int rc = own == -ENOENT ? check_parents(cache->at) : checked(own, is_ours_alone);
	if (rc > 0)
		close(rc);
	close(place);
	return rc < 0 ? rc : 0;
}

/* --- why not --- */

static const char *refusal_of_own(
	struct cor_arena *arena, const struct cor_cache *cache, const char *path)
{
	struct stat own;

	if (lstat(path, &own) < 0)
		return cor_arena_printf(arena, "has no directory in %s", cache->at);
	if (!S_ISDIR(own.st_mode))
		return cor_arena_printf(
			arena, "needs the directory %s, which is something else: remove it", path);
	if (own.st_uid != geteuid())
		return cor_arena_printf(arena,
			"needs the directory %s, which belongs to user %u: remove it, or say "
			"another .at",
			path, (unsigned)own.st_uid);
	return cor_arena_printf(
		arena, "has a directory that is open to others: chmod 700 %s", path);
}

static const char *refusal_of_place(
	struct cor_arena *arena, const char *path, const struct stat *place)
{
	bool is_owned = place->st_uid == 0 || place->st_uid == geteuid();

	if (is_owned)
		return cor_arena_printf(arena,
			"has an .at in which others can write: chmod go-w %s, or chmod +t", path);
	return cor_arena_printf(arena,
		"has an .at that belongs to user %u, who could change what is in %s: say another",
		(unsigned)place->st_uid, path);
}

const char *cor_cache_directory_refusal(
	struct cor_arena *arena, const struct cor_cache *cache, int rc)
{
	char name[NAME_BYTES], path[PATH_MAX];
	struct stat place;

	if (rc != -EPERM)
		return cor_arena_printf(
			arena, "cannot open its .at, %s: %s", cache->at, cor_strerror(rc));
	if (stat(cache->at, &place) == 0 && !is_safe_place(&place))
		return refusal_of_place(arena, cache->at, &place);
	print_name(cache, name);
	if (snprintf(path, sizeof path, "%s/%s", cache->at, name) >= (int)sizeof path)
		return "has an .at that is too long";
	return refusal_of_own(arena, cache, path);
}
