/* SPDX-License-Identifier: MIT */
#include "file_store/entry_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "runtime/clock.h"

#define FIRST_BYTES   4096         /* what is read of a file before its length is believed */
#define USED_GRAIN_NS COR_NS_PER_S /* so often is it written down that an entry is used */
#define FILE_BYTES_MAX                                                                             \
	((int64_t)(sizeof(struct cor_entry_head) + COR_ENTRY_KEY_BYTES + COR_CACHE_VALUE_BYTES_MAX))

#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED 0x20 /* Linux 5.12 */
#endif

/* --- open --- */

/* A pipe does not wait for its other end, a terminal does not become ours, and that it is read does
 * not change when it was used: that is written by those who use it. */
#define READ_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_NOATIME | O_CLOEXEC)

static int open_at_once(struct cor_file_store *store, const char *name)
{
	struct open_how how = { .flags = READ_FLAGS, .resolve = RESOLVE_CACHED };

	if (atomic_load_explicit(&store->cannot_try, memory_order_relaxed))
		return -EAGAIN;
	long fd = syscall(SYS_openat2, store->directory, name, &how, sizeof how);
	if (fd >= 0)
		return (int)fd;
	/* Old systems do not know it, and filters of system calls forbid what they do not know;
	 * but -EPERM is also said of another user's file. Whoever may wait finds out. */
	if (errno == ENOSYS || errno == EINVAL)
		atomic_store_explicit(&store->cannot_try, true, memory_order_relaxed);
	return errno == ENOENT ? -ENOENT : -EAGAIN;
}

static int open_entry(struct cor_file_store *store, const char *name, bool at_once)
{
	if (at_once)
		return open_at_once(store, name);
	int fd = openat(store->directory, name, READ_FLAGS);
	return fd < 0 ? -errno : fd;
}

/* What a file that cannot be opened is. */
static int blame(int rc)
{
	switch (rc) {
	case -ENOENT:
		return COR_ENTRY_NONE;
	case -ELOOP: /* a symbolic link */
	case -ENXIO: /* a socket, or a device that is not there */
	case -ENODEV:
	case -EPERM: /* another user's */
	case -EACCES:
	case -ENOTDIR:
	case -EBUSY:
	case -ETXTBSY:
		return COR_ENTRY_FOREIGN;
	default:
		return rc;
	}
}

bool cor_entry_may_be(const struct cor_file_store *store, const struct stat *file)
{
	return S_ISREG(file->st_mode) && file->st_nlink <= 1 && file->st_uid == store->user &&
	       file->st_size <= FILE_BYTES_MAX;
}

/* --- read --- */

struct reading {
	struct cor_file_store *store;
	const struct cor_entry_read *how;
	struct cor_file_moment now;
	int fd;
	struct stat file;
	size_t len; /* of what was read into `first` */
	union {
		struct cor_entry_head head;
		char bytes[FIRST_BYTES];
	} first;
};

static ssize_t read_at_once(const struct reading *reading, char *to, size_t len, int64_t offset)
{
	struct iovec part = { to, len };

	if (reading->store->never_waits)
		return pread(reading->fd, to, len, offset);
	ssize_t n = syscall(SYS_preadv2, reading->fd, &part, 1L, (long)offset, (long)(offset >> 32),
		(long)RWF_NOWAIT);

	if (n < 0 && (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL))
		atomic_store_explicit(&reading->store->cannot_try, true, memory_order_relaxed);
	return n <= 0 ? -EAGAIN : n;
}

/* All of it, or -EAGAIN, -EIO ...; COR_ENTRY_BROKEN: it has become shorter. */
static int read_all(const struct reading *reading, char *to, size_t len, int64_t offset)
{
	while (len != 0) {
		ssize_t n = reading->how->at_once ? read_at_once(reading, to, len, offset)
						  : pread(reading->fd, to, len, offset);
		if (n < 0 && !reading->how->at_once)
			n = -errno;
		if (n == -EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? (int)n : COR_ENTRY_BROKEN;
		to += n;
		len -= (size_t)n;
		offset += n;
	}
	return 0;
}

static int read_first(struct reading *reading)
{
	if (fstat(reading->fd, &reading->file) < 0)
		return -errno;
	if (!cor_entry_may_be(reading->store, &reading->file))
		return COR_ENTRY_FOREIGN;
	size_t bytes = (size_t)reading->file.st_size;
	reading->len = bytes < FIRST_BYTES ? bytes : FIRST_BYTES;
	int rc = read_all(reading, reading->first.bytes, reading->len, 0);
	if (rc != 0)
		return rc;
	return cor_entry_begins(&reading->first.head, reading->len, reading->file.st_size)
		       ? 0
		       : COR_ENTRY_BROKEN;
}

/* How much of the file is in front of the value. */
static size_t front_bytes(const struct reading *reading)
{
	return sizeof reading->first.head + reading->first.head.key_bytes;
}

static int read_value(struct reading *reading, struct cor_entry *ret)
{
	const struct cor_entry_head *head = &reading->first.head;
	size_t front = front_bytes(reading), here = reading->len - front;
	char *value = cor_arena_alloc(reading->how->arena, head->value_bytes + 1);

	if (!value)
		return -ENOMEM;
	memcpy(value, reading->first.bytes + front, here);
	int rc = read_all(reading, value + here, head->value_bytes - here, (int64_t)reading->len);
	if (rc != 0)
		return rc;
	value[head->value_bytes] = '\0';
	if (!cor_entry_is_whole(head, value))
		return COR_ENTRY_BROKEN;
	ret->value = (struct cor_str){ value, head->value_bytes };
	return 0;
}

static int64_t ns_of(const struct timespec *time)
{
	int64_t ns;

	if (__builtin_mul_overflow((int64_t)time->tv_sec, (int64_t)COR_NS_PER_S, &ns) ||
		__builtin_add_overflow(ns, (int64_t)time->tv_nsec, &ns))
		return time->tv_sec < 0 ? INT64_MIN : INT64_MAX;
	return ns;
}

/* For whoever makes room: it was used. Not more often than it must be, and without waiting: -EAGAIN
 * asks for another try, which may wait. */
static int mark_used(const struct reading *reading)
{
	int64_t used_ns = ns_of(&reading->file.st_atim), now_ns = reading->now.real_ns;
	const struct timespec times[2] = {
		{ .tv_sec = now_ns / COR_NS_PER_S, .tv_nsec = now_ns % COR_NS_PER_S },
		{ .tv_nsec = UTIME_OMIT },
	};

	if (used_ns <= now_ns && now_ns - used_ns < USED_GRAIN_NS)
		return 0;
	if (reading->how->at_once)
		return -EAGAIN;
	(void)futimens(reading->fd, times); /* a read-only file system: nobody makes room there */
	return 0;
}

/* What was put before an old value could not be removed is not served: it may be that. */
static bool is_withheld(const struct reading *reading, uint32_t stripe)
{
	int64_t from_ns = atomic_load_explicit(
		&reading->store->served_from_ns[stripe], memory_order_relaxed);
	const struct cor_entry_head *head = &reading->first.head;

	return from_ns != INT64_MIN &&
	       (head->boot != reading->store->boot || head->created.mono_ns <= from_ns);
}

static int judge(struct reading *reading, uint32_t stripe, struct cor_entry *ret)
{
	ret->head = reading->first.head;
	reading->now = cor_file_now(reading->how->clock);
	ret->left_ns = cor_entry_left_ns(&ret->head, &reading->now, reading->store->boot);
	if (ret->left_ns <= 0)
		return COR_ENTRY_EXPIRED;
	if (is_withheld(reading, stripe))
		return COR_ENTRY_NONE;
	int rc = mark_used(reading);
	if (rc == 0)
		rc = read_value(reading, ret);
	return rc == 0 ? COR_ENTRY_GOOD : rc;
}

/* --- load --- */

int cor_entry_load(struct cor_file_store *store, const struct cor_entry_key *key,
	const struct cor_entry_read *how, struct cor_entry *ret)
{
	struct reading reading;

	reading.store = store;
	reading.how = how;
	reading.fd = open_entry(store, key->name, how->at_once);
	if (reading.fd < 0)
		return blame(reading.fd);
	int rc = read_first(&reading);
	const struct cor_entry_head *head = &reading.first.head;
	if (rc == 0 && (head->key_bytes != key->key_bytes ||
			       memcmp(head + 1, key->front.key, key->key_bytes) != 0))
		rc = COR_ENTRY_OTHER;
	else if (rc == 0)
		rc = judge(&reading, key->stripe, ret);
	close(reading.fd);
	return rc;
}

static int copy_key(const struct reading *reading, struct cor_str *ret)
{
	const char *prefix = reading->store->cache->prefix;
	size_t skipped = strlen(prefix), len = reading->first.head.key_bytes;
	const char *key = reading->first.bytes + sizeof reading->first.head;

	if (len <= skipped || memcmp(key, prefix, skipped) != 0)
		return COR_ENTRY_OTHER;
	char *copy = cor_arena_copy(reading->how->arena, key + skipped, len - skipped);
	if (!copy)
		return -ENOMEM;
	*ret = (struct cor_str){ copy, len - skipped };
	return 0;
}

int cor_entry_load_named(struct cor_file_store *store, const char *name,
	const struct cor_entry_read *how, struct cor_str *ret_key, struct cor_entry *ret)
{
	struct reading reading;
	uint32_t stripe = 0;
	int rc;

	reading.store = store;
	reading.how = how;
	reading.fd = open_entry(store, name, false);
	if (reading.fd < 0)
		return blame(reading.fd);
	rc = read_first(&reading);
	if (rc == 0)
		rc = copy_key(&reading, ret_key);
	if (rc == 0 && cor_entry_is_name(name, &stripe))
		rc = judge(&reading, stripe, ret);
	close(reading.fd);
	return rc;
}
