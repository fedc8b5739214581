/* SPDX-License-Identifier: MIT */
#include "file_store/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_store/entry_file.h"
#include "file_store/stripe.h"
#include "file_store/write.h"
#include "runtime/clock.h"

#define VICTIMS_MIN   64
#define VICTIMS_MAX   65536
#define LASTING_SHARE 64

int cor_directory_walk(struct cor_file_store *store,
	int (*visit)(void *arg, const char *name, uint32_t stripe), void *arg)
{
	int fd = openat(store->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	uint32_t stripe;
	int rc = 0;

	if (!directory) {
		rc = errno == ENOENT ? 0 : -errno;
		if (fd >= 0)
			close(fd);
		return rc;
	}
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else reads this directory */
	while (rc >= 0 && (errno = 0, entry = readdir(directory)) != NULL)
		if (cor_entry_is_name(entry->d_name, &stripe))
			rc = visit(arg, entry->d_name, stripe);
	if (rc >= 0)
		rc = errno == ENOENT ? 0 : -errno;
	closedir(directory);
	return rc;
}

/* --- who could go --- */

struct scan {
	const struct cor_file_room *room;
	struct cor_file_counts found;
	uint64_t counted; /* stripes, as bits */
	bool only_counts;
};

static bool goes_before(const struct cor_file_victim *a, const struct cor_file_victim *b)
{
	return a->rank != b->rank ? a->rank < b->rank : a->used_ns < b->used_ns;
}

/* The first to go is the last of the list. */
static int compare(const void *a, const void *b)
{
	return goes_before(a, b) ? 1 : goes_before(b, a) ? -1 : 0;
}

/* A heap, whose first is the last to go. */
static void sift_down(struct cor_file_victims *victims, uint32_t at)
{
	struct cor_file_victim *items = victims->items;

	for (;;) {
		uint32_t last = at;
		for (uint32_t child = 2 * at + 1; child <= 2 * at + 2; child++)
			if (child < victims->len && goes_before(&items[last], &items[child]))
				last = child;
		if (last == at)
			return;
		struct cor_file_victim moved = items[at];
		items[at] = items[last];
		items[last] = moved;
		at = last;
	}
}

static void add_victim(struct cor_file_victims *victims, const struct cor_file_victim *victim)
{
	if (victims->len < victims->room) {
		victims->items[victims->len++] = *victim;
		for (uint32_t i = victims->len / 2; victims->len == victims->room && i-- > 0;)
			sift_down(victims, i);
	} else if (goes_before(victim, &victims->items[0])) {
		victims->items[0] = *victim;
		sift_down(victims, 0);
	}
}

/* What was used in the future was put when the clock was wrong: it is dead, or as good as that. */
static uint32_t rank_of(const struct stat *file, int64_t used_ns, const struct cor_file_moment *now)
{
	int64_t until_s = file->st_mtim.tv_sec;

	if (used_ns > now->real_ns)
		return 0;
	if (cor_entry_hint_is_forever(until_s))
		return 2;
	return until_s < now->real_ns / COR_NS_PER_S ? 0 : 1;
}

static int visit(void *arg, const char *name, uint32_t stripe)
{
	struct scan *scan = arg;
	struct cor_file_store *store = scan->room->store;
	struct cor_file_victim victim = { .stripe = stripe };
	struct stat file;

	if ((scan->counted >> stripe & 1) == 0)
		return 0;
	if (fstatat(store->directory, name, &file, AT_SYMLINK_NOFOLLOW) < 0 ||
		!cor_entry_may_be(store, &file))
		return 0;
	scan->found.of[stripe].entries++;
	scan->found.of[stripe].bytes += cor_entry_cost(file.st_size);
	if (scan->only_counts)
		return 0;
	memcpy(victim.name, name, strlen(name) + 1);
	victim.used_ns = file.st_atim.tv_sec * COR_NS_PER_S + file.st_atim.tv_nsec;
	victim.rank = rank_of(&file, victim.used_ns, scan->room->now);
	add_victim(&store->victims, &victim);
	return 0;
}

/* --- whether the counts are right --- */

/* Those that others have locked are counted another time. */
static uint64_t lock_all(const struct cor_file_room *room, uint64_t stripes)
{
	uint64_t locked = 0;

	for (uint32_t i = 0; i < COR_STRIPES; i++) {
		uint64_t bit = UINT64_C(1) << i;
		if ((stripes & bit) != 0 &&
			(i == room->key->stripe || cor_stripe_try_lock(room->store, i) == 0))
			locked |= bit;
	}
	return locked;
}

static void unlock_all(const struct cor_file_room *room, uint64_t stripes)
{
	for (uint32_t i = 0; i < COR_STRIPES; i++)
		if ((stripes >> i & 1) != 0 && i != room->key->stripe)
			cor_stripe_unlock(room->store, i);
}

static void remove_temporary(const struct cor_file_room *room, uint32_t stripe)
{
	char name[COR_ENTRY_NAME_BYTES];

	cor_entry_temporary(stripe, name);
	(void)unlinkat(room->store->directory, name, 0);
}

/* Nobody can change what is locked, so the second look is exact. What a dead owner has left half
 * written goes, too. */
static int count_anew(const struct cor_file_room *room, uint64_t stripes)
{
	struct scan scan = { .room = room, .only_counts = true };
	int rc;

	scan.counted = lock_all(room, stripes);
	rc = cor_directory_walk(room->store, visit, &scan);
	for (uint32_t i = 0; rc == 0 && i < COR_STRIPES; i++) {
		if ((scan.counted >> i & 1) == 0)
			continue;
		cor_state_write(room->store->state, i, &scan.found.of[i]);
		remove_temporary(room, i);
	}
	unlock_all(room, scan.counted);
	return rc;
}

static uint64_t wrong_ones(
	const struct cor_file_counts *counts, const struct cor_file_counts *found, bool is_good)
{
	uint64_t wrong = 0;

	for (uint32_t i = 0; i < COR_STRIPES; i++)
		if (!is_good || counts->of[i].entries != found->of[i].entries ||
			counts->of[i].bytes != found->of[i].bytes)
			wrong |= UINT64_C(1) << i;
	return wrong;
}

static int make_list(struct cor_file_victims *victims, int64_t entries)
{
	int64_t wanted = entries / 4;
	uint32_t room = wanted < VICTIMS_MIN   ? VICTIMS_MIN
			: wanted > VICTIMS_MAX ? VICTIMS_MAX
					       : (uint32_t)wanted;

	victims->len = 0;
	if (room <= victims->room && room >= victims->room / 2)
		return 0;
	free(victims->items);
	victims->items = malloc(room * sizeof *victims->items);
	victims->room = victims->items ? room : 0;
	return victims->items ? 0 : -ENOMEM; /* NOLINT(analyzer-malloc-leak): `victims` has it */
}

int cor_file_room_scan(const struct cor_file_room *room)
{
	struct cor_file_victims *victims = &room->store->victims;
	struct scan scan = { .room = room, .counted = UINT64_MAX };
	struct cor_file_counts counts;
	bool is_good = cor_state_read(room->store->state, &counts, false);
	int rc = make_list(victims, cor_state_total(&counts).entries);

	if (rc == 0)
		rc = cor_directory_walk(room->store, visit, &scan);
	if (rc < 0)
		return rc;
	qsort(victims->items, victims->len, sizeof *victims->items, compare);
	victims->lasting = 0;
	if (victims->len != 0 && victims->items[victims->len - 1].rank == 2)
		victims->lasting = 1 +
				   (uint32_t)(cor_state_total(&scan.found).entries / LASTING_SHARE);
	uint64_t wrong = wrong_ones(&counts, &scan.found, is_good);
	return wrong == 0 ? 0 : count_anew(room, wrong);
}
