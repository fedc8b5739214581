/* SPDX-License-Identifier: MIT */
#include "runtime/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"

#define NO_LIMIT (UINT64_C(1) << 62) /* version 1 has a number for it, which is larger */

/* The group with the least limit. */
struct search {
	struct cor_cgroup_visitor visitor;
	enum cor_cgroup_version version;
	uint64_t bytes;
	char folder[PATH_MAX];
};

static void look(
	struct cor_cgroup_visitor *visitor, enum cor_cgroup_version version, const char *folder)
{
	struct search *search = cor_container_of(visitor, struct search, visitor);
	const char *name = version == COR_CGROUP_V2 ? "memory.max" : "memory.limit_in_bytes";
	uint64_t bytes;

	if (cor_cgroup_numbers(folder, name, &bytes, 1) != 1 || bytes >= search->bytes)
		return;
	search->version = version;
	search->bytes = bytes;
	snprintf(search->folder, sizeof search->folder, "%s", folder);
}

static int open_file(const struct search *search, const char *v1, const char *v2)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof path, "%s/%s", search->folder,
		search->version == COR_CGROUP_V2 ? v2 : v1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/*
 * The number behind `name` in the file; 0: it has none. The file may be of any length: what one
 * read cuts is read again from the end of the last whole line.
 */
static uint64_t number_of(int fd, const char *name)
{
	char text[8192];
	off_t from = 0;
	ssize_t len;

	while ((len = pread(fd, text, sizeof text - 1, from)) > 0) {
		text[len] = '\0';
		const char *at = strstr(text, name);
		const char *last = strrchr(text, '\n');
		bool goes_on = last && last != text;
		if (at && (!goes_on || strchr(at + strlen(name), '\n')))
			return strtoull(at + strlen(name), NULL, 10);
		from += goes_on ? last - text : len;
	}
	return 0;
}

/* In version 1 the line that counts the groups beneath, too, has "total_" in front. */
static uint64_t used(const struct cor_memory *memory)
{
	const struct cor_group_memory *group = cor_container_of(
		memory, const struct cor_group_memory, memory);
	uint64_t all = number_of(group->used, "");
	uint64_t reclaimable = number_of(group->stat, "total_inactive_file ");

	if (reclaimable == 0)
		reclaimable = number_of(group->stat, "\ninactive_file ");
	return reclaimable < all ? all - reclaimable : 0;
}

int cor_group_memory_open(struct cor_group_memory *memory, const struct cor_cgroup_files *files)
{
	struct search search = { .visitor.visit = look, .bytes = NO_LIMIT };

	cor_cgroup_each(files, "memory", &search.visitor);
	if (search.bytes == NO_LIMIT)
		return -ENOENT;
	int current = open_file(&search, "memory.usage_in_bytes", "memory.current");
	if (current < 0)
		return current;
	int stat = open_file(&search, "memory.stat", "memory.stat");
	if (stat < 0) {
		close(current);
		return stat;
	}
	*memory = (struct cor_group_memory){
		.memory = { .used = used, .limit_bytes = search.bytes },
		.used = current,
		.stat = stat,
	};
	return 0;
}

void cor_group_memory_close(struct cor_group_memory *memory)
{
	if (!memory->memory.used)
		return;
	close(memory->used);
	close(memory->stat);
	*memory = (struct cor_group_memory){ 0 };
}
