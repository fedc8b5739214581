/* SPDX-License-Identifier: MIT */
#include "client/netrc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <coracle/error.h>

/* --- tokens --- */

struct reader {
	const char *at;
	const char *end;
	uint32_t line;
	struct cor_str token; /* in `room`, which is as long as the text */
	char *room;
};

static bool is_space(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static void pass_line(struct reader *reader)
{
	while (reader->at < reader->end && *reader->at != '\n')
		reader->at++;
}

static void pass_space(struct reader *reader)
{
	while (reader->at < reader->end && is_space(*reader->at))
		reader->line += *reader->at++ == '\n';
}

/* False at the end, or if quotes do not end. */
static bool take(struct reader *reader)
{
	bool is_quoted;
	size_t len = 0;

	pass_space(reader);
	if (reader->at == reader->end)
		return false;
	is_quoted = *reader->at == '"';
	reader->at += is_quoted;
	while (reader->at < reader->end &&
		(is_quoted ? *reader->at != '"' : !is_space(*reader->at))) {
		if (*reader->at == '\\' && reader->end - reader->at > 1)
			reader->at++;
		reader->line += *reader->at == '\n';
		reader->room[len++] = *reader->at++;
	}
	if (is_quoted && reader->at++ == reader->end)
		return false;
	reader->token = (struct cor_str){ reader->room, len };
	return true;
}

/* Where a comment may stand, too. */
static bool take_keyword(struct reader *reader)
{
	for (;;) {
		pass_space(reader);
		if (reader->at == reader->end || *reader->at != '#')
			return take(reader);
		pass_line(reader);
	}
}

static bool is(const struct reader *reader, const char *word)
{
	return cor_str_equal(reader->token, cor_str(word));
}

/* It ends with an empty line. */
static void pass_macro(struct reader *reader)
{
	do {
		pass_line(reader);
		reader->at += reader->at < reader->end;
		reader->line++;
	} while (reader->at < reader->end && *reader->at != '\n');
}

/* --- entries --- */

struct search {
	struct reader reader;
	struct cor_arena *arena;
	struct cor_str host;
	struct cor_netrc_login *ret;
	bool in_entry;
	bool is_found; /* the entry is the one */
};

static int take_into(struct search *search, const char **ret)
{
	if (!take(&search->reader))
		return -COR_ESYNTAX;
	if (!search->is_found || !ret)
		return 0;
	*ret = cor_arena_copy(search->arena, search->reader.token.data, search->reader.token.len);
	if (*ret && strlen(*ret) != search->reader.token.len)
		return -COR_ESYNTAX;
	return *ret ? 0 : -ENOMEM;
}

static int begin_machine(struct search *search)
{
	const struct cor_str *name = &search->reader.token;

	if (!take(&search->reader))
		return -COR_ESYNTAX;
	search->in_entry = true;
	search->is_found = name->len == search->host.len &&
			   strncasecmp(name->data, search->host.data, name->len) == 0;
	return 0;
}

/* 1: the entry that was looked for has ended. */
static int take_entry(struct search *search)
{
	struct reader *reader = &search->reader;

	if ((is(reader, "machine") || is(reader, "default")) && search->is_found)
		return 1;
	if (is(reader, "machine"))
		return begin_machine(search);
	if (is(reader, "default")) {
		search->in_entry = search->is_found = true;
		return 0;
	}
	if (is(reader, "macdef")) {
		int rc = take_into(search, NULL);
		pass_macro(reader);
		return rc;
	}
	if (!search->in_entry)
		return -COR_ESYNTAX;
	if (is(reader, "login") || is(reader, "user"))
		return take_into(search, &search->ret->user);
	if (is(reader, "password"))
		return take_into(search, &search->ret->password);
	return is(reader, "account") ? take_into(search, NULL) : -COR_ESYNTAX;
}

int cor_netrc_find(struct cor_arena *arena, struct cor_str text, struct cor_str host,
	struct cor_netrc_login *ret, uint32_t *ret_line)
{
	struct search search = {
		.reader = { text.data, text.data + text.len, .line = 1 },
		.arena = arena,
		.host = host,
		.ret = ret,
	};
	int rc = 0;

	*ret = (struct cor_netrc_login){ NULL, NULL };
	search.reader.room = malloc(text.len + 1);
	if (!search.reader.room)
		return -ENOMEM;
	while (rc == 0 && take_keyword(&search.reader))
		rc = take_entry(&search);
	if (rc == 0 && search.reader.at != search.reader.end)
		rc = -COR_ESYNTAX; /* quotes that do not end */
	explicit_bzero(search.reader.room, text.len + 1);
	free(search.reader.room);
	if (rc < 0)
		*ret_line = search.reader.line;
	return rc < 0 ? rc : search.is_found;
}

/* --- the file --- */

struct file {
	struct cor_arena *arena;
	const char *path;
	const char **why;
};

static int refuse(const struct file *file, const char *what)
{
	*file->why = cor_arena_printf(
		file->arena, "have the netrc \"%s\", which %s", file->path, what);
	return *file->why ? -EINVAL : -ENOMEM;
}

static int check(const struct file *file, int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return refuse(file, cor_strerror(-errno));
	if (!S_ISREG(status.st_mode))
		return refuse(file, "is no file");
	if (status.st_uid != geteuid() && status.st_uid != 0)
		return refuse(file, "belongs to another user");
	if (status.st_mode & (S_IRWXG | S_IRWXO))
		return refuse(file, "is open to other users: chmod 600 it");
	return 0;
}

/* `room` has COR_NETRC_BYTES and one more. */
static int read_all(const struct file *file, int fd, char *room, size_t *ret_len)
{
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, room + len, COR_NETRC_BYTES + 1 - len)) != 0) {
		if (n < 0 && errno != EINTR)
			return refuse(file, cor_strerror(-errno));
		len += n > 0 ? (size_t)n : 0;
		if (len > COR_NETRC_BYTES)
			return refuse(file, "is longer than 64 KiB");
	}
	*ret_len = len;
	return 0;
}

static int find_in(const struct file *file, struct cor_str text, struct cor_str host,
	struct cor_netrc_login *ret)
{
	uint32_t line;
	int rc = cor_netrc_find(file->arena, text, host, ret, &line);
	const char *what = NULL;

	if (rc == -COR_ESYNTAX)
		what = cor_arena_printf(file->arena, "is none in line %" PRIu32, line);
	else if (rc == 1 && (!ret->user || !ret->password))
		what = cor_arena_printf(file->arena, "has no login or no password for %.*s",
			(int)host.len, host.data);
	else
		return rc;
	return what ? refuse(file, what) : -ENOMEM;
}

static int read_fd(
	const struct file *file, int fd, struct cor_str host, struct cor_netrc_login *ret)
{
	char *room = malloc(COR_NETRC_BYTES + 1);
	size_t len = 0;

	if (!room)
		return -ENOMEM;
	int rc = check(file, fd);
	if (rc == 0)
		rc = read_all(file, fd, room, &len);
	if (rc == 0)
		rc = find_in(file, (struct cor_str){ room, len }, host, ret);
	explicit_bzero(room, COR_NETRC_BYTES + 1);
	free(room);
	return rc;
}

/* The environment changes only before there are threads. */
static const char *expand(struct cor_arena *arena, const char *path)
{
	const char *home = strncmp(path, "~/", 2) == 0
				   ? getenv("HOME") /* NOLINT(concurrency-mt-unsafe) */
				   : NULL;

	return home ? cor_arena_printf(arena, "%s%s", home, path + 1) : path;
}

int cor_netrc_read(struct cor_arena *arena, const char *path, struct cor_str host,
	struct cor_netrc_login *ret, const char **ret_why)
{
	const struct file file = { arena, expand(arena, path), ret_why };

	if (!file.path)
		return -ENOMEM;
	int fd = open(file.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return refuse(&file, errno == ENOENT ? "is not there" : cor_strerror(-errno));
	int rc = read_fd(&file, fd, host, ret);
	close(fd);
	return rc;
}
