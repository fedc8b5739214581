/* SPDX-License-Identifier: MIT */
#include "file_store/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <coracle/random.h>

#include "runtime/extents.h"

#define NAME  "state.cor"
#define MAGIC UINT64_C(0x63616f7273540001) /* with the format */
#define TRIES 8

struct state_head {
	uint64_t magic;
	uint64_t seed;
	uint64_t check;
};

struct state_file {
	struct state_head head;
	struct cor_file_counts counts;
};

/* Not against anybody: whoever can write here can write what fits. */
static uint64_t mixed(uint64_t a, uint64_t b)
{
	uint64_t mixed = (a ^ UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xbf58476d1ce4e5b9);

	mixed = (mixed ^ mixed >> 29 ^ b) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ mixed >> 32;
}

static uint64_t check_of(const struct cor_file_count *count)
{
	return mixed((uint64_t)count->entries, (uint64_t)count->bytes);
}

/* --- open --- */

static void fill(struct state_file *state)
{
	memset(state, 0, sizeof *state);
	state->head.magic = MAGIC;
	cor_random_fill(&state->head.seed, sizeof state->head.seed);
	state->head.check = mixed(MAGIC, state->head.seed);
	/* There may be entries that nobody has counted: each count is wrong until somebody does. */
	for (uint32_t i = 0; i < COR_STRIPES; i++)
		state->counts.of[i].check = ~check_of(&state->counts.of[i]);
}

static int write_new(int directory, const char *temporary)
{
	struct state_file state;
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(directory, temporary, flags, S_IRUSR | S_IWUSR);
	int rc = 0;

	if (fd < 0)
		return -errno;
	fill(&state);
	errno = EIO;
	if (write(fd, &state, sizeof state) != (ssize_t)sizeof state)
		rc = -errno;
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	return rc;
}

/* Two may do so at the same time: one is first, and the other opens that. */
static int give_name(int directory, const char *temporary)
{
	int rc = linkat(directory, temporary, directory, NAME, 0) < 0 ? -errno : 0;

	/* A file system without links. */
	if (rc == -EPERM || rc == -EOPNOTSUPP || rc == -ENOSYS)
		rc = renameat(directory, temporary, directory, NAME) < 0 ? -errno : 0;
	return rc == -EEXIST ? 0 : rc;
}

static int make(int directory)
{
	char temporary[40];
	uint64_t number;
	int rc;

	cor_random_fill(&number, sizeof number);
	snprintf(temporary, sizeof temporary, "state-%016llx.new", (unsigned long long)number);
	rc = write_new(directory, temporary);
	if (rc == 0)
		rc = give_name(directory, temporary);
	if (rc != -EEXIST)
		(void)unlinkat(directory, temporary, 0);
	return rc;
}

/* Whether it is what this library has made; another's is as good as a broken one. */
static bool is_good(int fd, uint64_t *ret_seed)
{
	struct state_head head;
	struct stat found;

	if (fstat(fd, &found) < 0 || !S_ISREG(found.st_mode) || found.st_uid != geteuid() ||
		found.st_size != (off_t)sizeof(struct state_file))
		return false;
	if (pread(fd, &head, sizeof head, 0) != (ssize_t)sizeof head || head.magic != MAGIC ||
		head.check != mixed(MAGIC, head.seed))
		return false;
	*ret_seed = head.seed;
	return true;
}

static int open_there(int directory)
{
	const int flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
	int fd = openat(directory, NAME, O_RDWR | flags);

	if (fd < 0 && errno == EROFS)
		fd = openat(directory, NAME, O_RDONLY | flags);
	return fd < 0 ? -errno : fd;
}

int cor_state_open(int directory, uint64_t *ret_seed)
{
	int rc = -EIO;

	for (int tries = 0; tries < TRIES; tries++) {
		int fd = open_there(directory);
		if (fd >= 0 && is_good(fd, ret_seed))
			return fd;
		if (fd >= 0)
			close(fd);
		if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM || fd == -EACCES)
			return fd;
		/* A link, a socket, another user's file: it stands where only ours may be. */
		if (fd != -ENOENT && unlinkat(directory, NAME, 0) < 0 && errno != ENOENT)
			return -errno;
		rc = make(directory);
		if (rc < 0)
			return rc;
	}
	return rc < 0 ? rc : -EIO;
}

bool cor_state_is_current(int fd)
{
	struct stat found;

	return fstat(fd, &found) == 0 && found.st_nlink != 0;
}

/* --- locks --- */

static off_t place_of(uint32_t stripe)
{
	return (off_t)(offsetof(struct state_file, counts) +
		       stripe * sizeof(struct cor_file_count));
}

static int set_lock(int fd, uint32_t stripe, short type)
{
	struct flock lock = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = place_of(stripe),
		.l_len = sizeof(struct cor_file_count),
	};

	return fcntl(fd, F_OFD_SETLK, &lock) < 0 ? -errno : 0;
}

int cor_state_try_lock(int fd, uint32_t stripe)
{
	int rc = set_lock(fd, stripe, F_WRLCK);

	/* Opened for reading, because the file system is read-only. */
	return rc == -EACCES ? -EAGAIN : rc == -EBADF ? -EROFS : rc;
}

void cor_state_unlock(int fd, uint32_t stripe)
{
	(void)set_lock(fd, stripe, F_UNLCK);
}

/* --- counts --- */

bool cor_state_read(int fd, struct cor_file_counts *ret, bool at_once)
{
	const off_t at = offsetof(struct state_file, counts);
	ssize_t n = at_once ? cor_extents_read_at_once(fd, (char *)ret, sizeof *ret, at)
			    : pread(fd, ret, sizeof *ret, at);
	bool is_good = n == (ssize_t)sizeof *ret;

	if (!is_good)
		memset(ret, 0, sizeof *ret);
	for (uint32_t i = 0; i < COR_STRIPES && n == (ssize_t)sizeof *ret; i++) {
		struct cor_file_count *count = &ret->of[i];
		if (count->check == check_of(count))
			continue;
		*count = (struct cor_file_count){ 0 };
		is_good = false;
	}
	return is_good;
}

void cor_state_write(int fd, uint32_t stripe, struct cor_file_count *count)
{
	count->entries = count->entries > 0 ? count->entries : 0;
	count->bytes = count->bytes > 0 ? count->bytes : 0;
	count->check = check_of(count);
	(void)!pwrite(fd, count, sizeof *count, place_of(stripe));
}

struct cor_file_count cor_state_total(const struct cor_file_counts *counts)
{
	struct cor_file_count total = { 0 };

	for (uint32_t i = 0; i < COR_STRIPES; i++) {
		total.entries += counts->of[i].entries;
		total.bytes += counts->of[i].bytes;
	}
	return total;
}
