/* SPDX-License-Identifier: MIT */
#include "files/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <coracle/clock.h>

#include "runtime/extents.h"

#define BUCKETS   1024 /* a power of two */
#define NS_PER_S  1000000000
#define SETTLED_S 3 /* more than file systems round their times to: FAT's are even seconds */

struct entry {
	struct entry *next; /* of the bucket */
	struct entry *newer;
	struct entry *older;
	int64_t asked_ns; /* the folder was */
	struct cor_file file;
	bool is_settled; /* a change after it was read cannot have the same time */
	uint32_t hash;
	uint32_t name_len;
	uint32_t len;
	char name[]; /* with a NUL, and the bytes behind it */
};

struct cor_file_memory {
	size_t room;
	size_t used;
	int64_t largest;
	int64_t fresh_ns; /* how long one is taken as it is; 0: never */
	struct entry *newest;
	struct entry *oldest;
	struct entry *buckets[BUCKETS];
};

static size_t size_of(const struct entry *entry)
{
	return sizeof *entry + entry->name_len + 1 + entry->len;
}

static char *bytes_of(struct entry *entry)
{
	return entry->name + entry->name_len + 1;
}

/* FNV-1a: names are those of files that are there, which no client chooses. */
static uint32_t hash(struct cor_str name)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)name.data[i]) * 16777619u;
	return h;
}

struct cor_file_memory *cor_file_memory_create(uint32_t room_bytes)
{
	struct cor_file_memory *memory = calloc(1, sizeof *memory);

	if (!memory)
		return NULL;
	memory->room = room_bytes ? room_bytes : COR_FILE_MEMORY_USUAL_ROOM;
	memory->largest = room_bytes ? COR_FILE_MEMORY_LARGEST : COR_FILE_MEMORY_USUAL_LARGEST;
	memory->fresh_ns = room_bytes ? NS_PER_S : 0;
	return memory;
}

/* --- by age --- */

static void put_first(struct cor_file_memory *memory, struct entry *entry)
{
	entry->newer = NULL;
	entry->older = memory->newest;
	if (memory->newest)
		memory->newest->newer = entry;
	else
		memory->oldest = entry;
	memory->newest = entry;
}

static void take_out(struct cor_file_memory *memory, const struct entry *entry)
{
	if (entry->newer)
		entry->newer->older = entry->older;
	else
		memory->newest = entry->older;
	if (entry->older)
		entry->older->newer = entry->newer;
	else
		memory->oldest = entry->newer;
}

/* --- by name --- */

static struct entry *look_up(const struct cor_file_memory *memory, struct cor_str name)
{
	uint32_t h = hash(name);
	struct entry *entry = memory->buckets[h % BUCKETS];

	while (entry && !(entry->hash == h && entry->name_len == name.len &&
				memcmp(entry->name, name.data, name.len) == 0))
		entry = entry->next;
	return entry;
}

static void forget(struct cor_file_memory *memory, struct entry *entry)
{
	struct entry **at = &memory->buckets[entry->hash % BUCKETS];

	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	take_out(memory, entry);
	memory->used -= size_of(entry);
	free(entry);
}

void cor_file_memory_destroy(struct cor_file_memory *memory)
{
	if (!memory)
		return;
	while (memory->oldest)
		forget(memory, memory->oldest);
	free(memory);
}

/* Returns false if it alone is too large. */
static bool make_room(struct cor_file_memory *memory, size_t bytes)
{
	if (bytes > memory->room)
		return false;
	while (memory->room - memory->used < bytes)
		forget(memory, memory->oldest);
	return true;
}

/* --- files --- */

static bool has_changed(int fd, const struct cor_file *file)
{
	struct cor_file now;

	return cor_file_look_at(fd, &now) < 0 || now.size != file->size ||
	       now.modified_ns != file->modified_ns || now.changed_ns != file->changed_ns;
}

/* Times count in ticks of the clock, or worse: what changes twice in one looks the same. */
static bool is_settled(const struct cor_file *file)
{
	return file->changed_ns / NS_PER_S + SETTLED_S <= (int64_t)cor_now().tv_sec;
}

/*
 * What is asked for each time is not kept while it might change unseen. Nor need it be looked at
 * once more: a change since it was opened is seen next time.
 */
static bool may_be_kept(const struct cor_file_memory *memory, const struct cor_file *file)
{
	return file->size <= memory->largest && (memory->fresh_ns != 0 || is_settled(file));
}

static bool read_whole(
	const struct cor_file_memory *memory, const struct cor_file *file, struct entry *entry)
{
	return cor_extents_read_at_once(file->fd, bytes_of(entry), entry->len, 0) == entry->len &&
	       (memory->fresh_ns == 0 || !has_changed(file->fd, file));
}

/*
 * NULL: it would have to come from a disk first, has become shorter or has changed meanwhile, or
 * there is no room.
 */
static struct entry *read_in(
	struct cor_file_memory *memory, struct cor_str name, const struct cor_file *file)
{
	size_t bytes = sizeof(struct entry) + name.len + 1 + (size_t)file->size;
	struct entry *entry = make_room(memory, bytes) ? malloc(bytes) : NULL;

	if (!entry)
		return NULL;
	*entry = (struct entry){
		.file = *file,
		.is_settled = is_settled(file),
		.hash = hash(name),
		.name_len = (uint32_t)name.len,
		.len = (uint32_t)file->size,
	};
	memcpy(entry->name, name.data, name.len + 1);
	entry->file.fd = -1;
	entry->file.bytes = bytes_of(entry);
	if (read_whole(memory, file, entry))
		return entry;
	free(entry);
	return NULL;
}

static void keep(struct cor_file_memory *memory, struct entry *entry)
{
	struct entry **bucket = &memory->buckets[entry->hash % BUCKETS];

	entry->next = *bucket;
	*bucket = entry;
	put_first(memory, entry);
	memory->used += size_of(entry);
}

static int hand_out(struct cor_file_memory *memory, struct entry *entry, struct cor_file *ret)
{
	if (entry != memory->newest) {
		take_out(memory, entry);
		put_first(memory, entry);
	}
	*ret = entry->file;
	return 0;
}

/* What was open is in memory then, or is handed out as it is. */
static int take_in(struct cor_file_memory *memory, struct cor_str name, int64_t now_ns,
	const struct cor_file *file, struct cor_file *ret)
{
	struct entry *entry = may_be_kept(memory, file) ? read_in(memory, name, file) : NULL;

	if (!entry) {
		*ret = *file;
		return 0;
	}
	close(file->fd);
	entry->asked_ns = now_ns;
	keep(memory, entry);
	*ret = entry->file;
	return 0;
}

int cor_file_memory_find(struct cor_file_memory *memory, int folder, struct cor_str name,
	int64_t now_ns, struct cor_file *ret)
{
	struct entry *entry = look_up(memory, name);
	struct cor_file file;

	if (entry && now_ns - entry->asked_ns < memory->fresh_ns)
		return hand_out(memory, entry, ret);
	if (entry && entry->is_settled && cor_folder_has(folder, name, &entry->file)) {
		entry->asked_ns = now_ns;
		return hand_out(memory, entry, ret);
	}
	if (entry)
		forget(memory, entry);
	int rc = cor_folder_find(folder, name, &file);
	return rc < 0 ? rc : take_in(memory, name, now_ns, &file, ret);
}
