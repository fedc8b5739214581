/* SPDX-License-Identifier: MIT */
#include "file_store/write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "file_store/entry_file.h"
#include "file_store/room.h"
#include "file_store/state.h"
#include "runtime/clock.h"

#define FOREVER_S (INT64_C(1) << 33) /* in the year 2242 */

int cor_entry_look(struct cor_file_store *store, const char *name, struct cor_entry_place *ret)
{
	struct stat file;

	*ret = (struct cor_entry_place){ 0 };
	if (fstatat(store->directory, name, &file, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	ret->is_ours = cor_entry_may_be(store, &file);
	if (ret->is_ours)
		ret->cost = cor_entry_cost(file.st_size);
	ret->used_ns = file.st_atim.tv_sec * COR_NS_PER_S + file.st_atim.tv_nsec;
	return 0;
}

/* --- hints --- */

int64_t cor_entry_hint_s(const struct cor_entry_head *head)
{
	int64_t until_s = head->created.real_ns / COR_NS_PER_S + head->ttl_ns / COR_NS_PER_S;

	return head->ttl_ns == COR_FOREVER || until_s > FOREVER_S ? FOREVER_S : until_s;
}

/* Some file systems end in 2038. */
bool cor_entry_hint_is_forever(int64_t hint_s)
{
	return hint_s >= FOREVER_S || hint_s == INT32_MAX;
}

/* --- write --- */

void cor_entry_temporary(uint32_t stripe, char ret[static COR_ENTRY_NAME_BYTES])
{
	snprintf(ret, COR_ENTRY_NAME_BYTES, "put-%02u.new", stripe);
}

/* Whoever has the stripe has the name. What a dead owner has left there goes. */
static int create(struct cor_file_store *store, const char *temporary)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
	int fd = openat(store->directory, temporary, flags, S_IRUSR | S_IWUSR);

	if (fd < 0 && errno == EEXIST && unlinkat(store->directory, temporary, 0) == 0)
		fd = openat(store->directory, temporary, flags, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return errno == ENOENT ? -ESTALE : -errno;
	return fd;
}

static int write_all(int fd, struct iovec parts[static 2])
{
	struct iovec *part = parts, *end = parts + 2;

	while (part < end) {
		ssize_t n = writev(fd, part, (int)(end - part));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		for (; part < end && (size_t)n >= part->iov_len; part++)
			n -= (ssize_t)part->iov_len;
		if (part == end)
			break;
		part->iov_base = (char *)part->iov_base + n;
		part->iov_len -= (size_t)n;
	}
	return 0;
}

static int write_temporary(struct cor_file_store *store, struct cor_entry_key *key,
	const struct cor_file_moment *now, struct cor_str value, const char *temporary)
{
	struct iovec parts[2] = {
		{ &key->front, sizeof key->front.head + key->key_bytes },
		{ (char *)(uintptr_t)value.data, value.len },
	};
	const struct timespec times[2] = {
		{ .tv_sec = now->real_ns / COR_NS_PER_S, .tv_nsec = now->real_ns % COR_NS_PER_S },
		{ .tv_sec = cor_entry_hint_s(&key->front.head) },
	};
	int fd = create(store, temporary);

	if (fd < 0)
		return fd;
	int rc = write_all(fd, parts);
	if (rc == 0 && futimens(fd, times) < 0)
		rc = -errno;
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	if (rc < 0)
		(void)unlinkat(store->directory, temporary, 0);
	return rc;
}

/* Counted before it is there, uncounted after it has gone: see state.h. */
static int put_in_place(const struct cor_file_room *room, const struct cor_file_count *before,
	const char *temporary)
{
	struct cor_file_store *store = room->store;
	const struct cor_entry_key *key = room->key;
	struct cor_file_count old = *before, count = {
		.entries = before->entries + room->entries,
		.bytes = before->bytes + room->bytes,
	};
	bool grows = room->bytes > 0 || room->entries > 0;
	bool shrinks = !grows && room->bytes < 0;
	int directory = store->directory;

	if (grows)
		cor_state_write(store->state, key->stripe, &count);
	if (renameat(directory, temporary, directory, key->name) == 0) {
		if (shrinks)
			cor_state_write(store->state, key->stripe, &count);
		return 0;
	}
	int rc = errno == ENOENT ? -ESTALE : -errno;
	if (grows)
		cor_state_write(store->state, key->stripe, &old);
	(void)unlinkat(directory, temporary, 0);
	return rc;
}

static bool is_full(int rc)
{
	return rc == -ENOSPC || rc == -EDQUOT;
}

int cor_entry_write(struct cor_file_store *store, struct cor_entry_key *key,
	const struct cor_file_moment *now, struct cor_str value)
{
	int64_t cost = cor_entry_cost(cor_entry_file_bytes(key, value.len));
	char temporary[COR_ENTRY_NAME_BYTES];
	struct cor_entry_place place;
	struct cor_file_counts counts = { 0 };
	int rc = cor_entry_look(store, key->name, &place);

	if (rc < 0)
		return rc;
	struct cor_file_room room = { store, key, now, .entries = !place.is_ours,
		.bytes = cost - place.cost };
	/* Most values take the place of one that costs as much: no need to ask what there is. */
	if (room.entries != 0 || room.bytes != 0 || !atomic_load(&store->has_counts))
		cor_file_room_make(&room, &counts);
	cor_entry_temporary(key->stripe, temporary);
	cor_entry_seal(key, value);
	rc = write_temporary(store, key, now, value, temporary);
	if (is_full(rc) && cor_file_room_free(&room, cost, &counts))
		rc = write_temporary(store, key, now, value, temporary);
	if (rc < 0)
		return rc;
	return put_in_place(&room, &counts.of[key->stripe], temporary);
}

/* --- remove --- */

int cor_entry_remove(struct cor_file_store *store, const char *name, uint32_t stripe)
{
	struct cor_file_counts counts;
	struct cor_entry_place place;
	int rc = cor_entry_look(store, name, &place);

	if (rc < 0 || !place.is_ours)
		return rc < 0 ? rc : -ENOENT;
	if (unlinkat(store->directory, name, 0) < 0)
		return -errno;
	(void)cor_state_read(store->state, &counts, false);
	struct cor_file_count *count = &counts.of[stripe];
	count->entries--;
	count->bytes -= place.cost;
	cor_state_write(store->state, stripe, count);
	return 0;
}
