/* SPDX-License-Identifier: MIT */
#include "shelf/open.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <coracle/random.h>

#include "shelf/enter.h"

#define PARTS_MAX        64
#define PART_BYTES_MIN   (512 * 1024)
#define PART_ENTRIES_MIN 2048 /* less is one part, where order and limits are exact */
#define PART_VALUES_MIN  4    /* of the largest */

/* At the beginning of the place. */
struct head {
	struct cor_lock lock; /* held by who opens it */
	uint64_t seed;
	struct {
		uint64_t bytes;
		uint32_t entries;
		uint32_t value_bytes;
		uint32_t evicts;
		uint32_t unused;
	} limits;
	uint32_t has_begun; /* memory is not zeroed any more */
	uint32_t is_ready;
};

/* Of a part. */
struct layout {
	uint32_t parts_len;
	size_t part_bytes;
	uint32_t units;
	uint32_t entries;
	uint32_t slots;
	uint32_t ranks;
	uint32_t ghosts;
};

/* --- how large --- */

#define HEAD_BYTES  ((sizeof(struct head) + 63) / 64 * 64)
#define STATE_BYTES ((sizeof(struct cor_shelf_state) + 63) / 64 * 64)

static uint32_t parts_of(const struct cor_cache *cache)
{
	uint32_t len = 1;

	while (len < PARTS_MAX) {
		uint64_t bytes = cache->bytes / (len * 2);

		if (bytes < PART_BYTES_MIN ||
			bytes < (uint64_t)PART_VALUES_MIN * cache->value_bytes ||
			(cache->entries != 0 && cache->entries / (len * 2) <= PART_ENTRIES_MIN))
			break;
		len *= 2;
	}
	return len;
}

/* A small entry has two units. */
static void count_for(const struct cor_cache *cache, uint32_t units, struct layout *ret)
{
	uint32_t most = cache->entries / ret->parts_len + (cache->entries % ret->parts_len != 0);

	ret->units = units;
	ret->entries = units / 2 + 1;
	if (cache->entries != 0 && most < ret->entries)
		ret->entries = most;
	ret->slots = ret->entries + ret->entries / 4 + 1;
	ret->ranks = cache->evicts == COR_EVICT_LRU || cache->evicts == COR_EVICT_LFU ||
				     cache->evicts == COR_EVICT_RANDOM
			     ? ret->entries
			     : 0;
	ret->ghosts = 0;
	if (cache->evicts == COR_EVICT_AS_USUAL) /* as many as there are entries, loosely */
		ret->ghosts = (ret->entries / 6 + 1) * COR_SHELF_GHOSTS;
}

static uint64_t bytes_of(const struct layout *layout)
{
	return STATE_BYTES +
	       ((uint64_t)layout->entries + layout->ranks) * sizeof(struct cor_shelf_rank) +
	       (uint64_t)layout->slots * sizeof(uint64_t) +
	       (uint64_t)layout->units * (COR_SHELF_UNIT + sizeof(struct cor_shelf_link) + 1) +
	       (uint64_t)layout->ghosts * sizeof(struct cor_shelf_ghost) +
	       2 * 64; /* what alignment takes */
}

static struct layout lay_out(const struct cor_cache *cache)
{
	struct layout layout = { .parts_len = parts_of(cache) };
	uint32_t some = 1, many = (uint32_t)(cache->bytes / COR_SHELF_UNIT);

	layout.part_bytes = (cache->bytes - HEAD_BYTES) / layout.parts_len / 64 * 64;
	while (some + 1 < many) {
		uint32_t units = some + (many - some) / 2;

		count_for(cache, units, &layout);
		if (bytes_of(&layout) <= layout.part_bytes)
			some = units;
		else
			many = units;
	}
	count_for(cache, some, &layout);
	return layout;
}

/* --- where --- */

static void *cut(char **at, size_t bytes, size_t align)
{
	char *start = (char *)(((uintptr_t)*at + align - 1) & ~(uintptr_t)(align - 1));

	*at = start + bytes;
	return start;
}

static struct cor_shelf_part part_at(const struct cor_shelf *shelf, uint32_t i,
	const struct layout *layout, const struct cor_cache *cache)
{
	char *at = (char *)shelf->place + HEAD_BYTES + i * layout->part_bytes;
	struct cor_shelf_part part = {
		.store = &shelf->store,
		.is_shared = shelf->is_shared,
		.units_len = layout->units,
		.slots_len = layout->slots,
		.ghosts_len = layout->ghosts,
		.entries_max = layout->entries,
		.evicts = cache->evicts,
	};
	uint32_t rest = cache->entries % layout->parts_len;

	if (cache->entries != 0 && rest != 0 && i >= rest &&
		part.entries_max > cache->entries / layout->parts_len)
		part.entries_max--;
	part.state = cut(&at, STATE_BYTES, 64);
	part.ages = cut(&at, layout->entries * sizeof *part.ages, 16);
	part.ranks = layout->ranks ? cut(&at, layout->ranks * sizeof *part.ranks, 16) : NULL;
	part.slots = cut(&at, layout->slots * sizeof *part.slots, 16);
	part.links = cut(&at, layout->units * sizeof *part.links, 16);
	part.ghosts = layout->ghosts ? cut(&at, layout->ghosts * sizeof *part.ghosts, 64) : NULL;
	part.begins = cut(&at, layout->units, 1);
	part.units = cut(&at, (size_t)layout->units * COR_SHELF_UNIT, 64);
	return part;
}

/* --- make it --- */

static int make_part(const struct cor_shelf_part *part, bool is_new)
{
	int rc = part->is_shared ? cor_lock_init(&part->state->lock) : 0;
	uint64_t chance;

	if (rc < 0)
		return rc;
	cor_random_fill(&chance, sizeof chance);
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): part_at() has been there */
	part->state->chance = chance | 1;
	cor_shelf_reset(part, is_new);
	return 0;
}

static int make(struct head *head, const struct cor_shelf *shelf, const struct cor_cache *cache)
{
	bool is_new = !head->has_begun;
	int rc = 0;

	head->has_begun = 1;
	cor_random_fill(&head->seed, sizeof head->seed);
	head->limits.bytes = cache->bytes;
	head->limits.entries = cache->entries;
	head->limits.value_bytes = cache->value_bytes;
	head->limits.evicts = cache->evicts;
	for (uint32_t i = 0; i < shelf->parts_len && rc == 0; i++)
		rc = make_part(&shelf->parts[i], is_new);
	atomic_signal_fence(memory_order_seq_cst);
	head->is_ready = rc == 0;
	return rc;
}

static bool is_of(const struct head *head, const struct cor_cache *cache)
{
	return head->limits.bytes == cache->bytes && head->limits.entries == cache->entries &&
	       head->limits.value_bytes == cache->value_bytes &&
	       head->limits.evicts == cache->evicts;
}

static int make_or_check(struct head *head, struct cor_shelf *shelf, const struct cor_cache *cache)
{
	int rc = head->is_ready ? 0 : make(head, shelf, cache);

	if (rc == 0 && !is_of(head, cache))
		rc = -EEXIST;
	shelf->seed = head->seed;
	return rc;
}

static int repair(void *arg)
{
	(void)arg;
	return 0; /* not ready: the next one makes it anew */
}

static int begin(struct cor_shelf *shelf, const struct cor_cache *cache)
{
	struct head *head = shelf->place;
	int rc;

	if (!shelf->is_shared)
		return make_or_check(head, shelf, cache);
	rc = cor_lock_take(&head->lock, repair, NULL);
	if (rc < 0)
		return rc;
	rc = make_or_check(head, shelf, cache);
	cor_lock_give(&head->lock);
	return rc;
}

/* --- the interface --- */

const char *cor_shelf_fault(struct cor_arena *arena, const struct cor_cache *cache)
{
	(void)arena;
	if (cache->at)
		return "has .at, but is kept in memory: leave it out, or say another .store";
	if (cache->memcached)
		return "has .memcached, but is kept in memory: leave it out, or say another .store";
	return NULL;
}

size_t cor_shelf_place_bytes(const struct cor_cache *cache)
{
	return cache->bytes;
}

int cor_shelf_place_init(void *place, size_t bytes)
{
	struct head *head = place;

	(void)bytes;
	return cor_lock_init(&head->lock);
}

static int map(struct cor_shelf *shelf)
{
	int how = MAP_ANONYMOUS | MAP_NORESERVE | (shelf->is_shared ? MAP_SHARED : MAP_PRIVATE);
	void *place = mmap(NULL, shelf->bytes, PROT_READ | PROT_WRITE, how, -1, 0);

	if (place == MAP_FAILED)
		return -ENOMEM;
	shelf->place = place;
	shelf->is_mapped = true;
	return shelf->is_shared ? cor_shelf_place_init(place, shelf->bytes) : 0;
}

static struct cor_shelf *create(const struct cor_cache *cache, const struct layout *layout)
{
	size_t bytes = sizeof(struct cor_shelf) + layout->parts_len * sizeof(struct cor_shelf_part);
	struct cor_shelf *shelf = aligned_alloc(64, (bytes + 63) / 64 * 64);

	if (!shelf)
		return NULL;
	*shelf = (struct cor_shelf){
		.bytes = cache->bytes,
		.value_bytes = cache->value_bytes,
		.parts_len = layout->parts_len,
		.unit_cost = (uint32_t)(layout->part_bytes / layout->units),
	};
	return shelf;
}

int cor_shelf_open(
	const struct cor_cache *cache, void *place, bool is_shared, struct cor_store **ret)
{
	const struct layout layout = lay_out(cache);
	struct cor_shelf *shelf = create(cache, &layout);
	int rc;

	if (!shelf)
		return -ENOMEM;
	shelf->place = place;
	shelf->is_shared = is_shared;
	rc = place ? 0 : map(shelf);
	for (uint32_t i = 0; i < layout.parts_len && rc == 0; i++)
		shelf->parts[i] = part_at(shelf, i, &layout, cache);
	if (rc == 0)
		rc = begin(shelf, cache);
	if (rc < 0)
		cor_shelf_close(&shelf->store);
	else
		*ret = &shelf->store;
	return rc;
}

void cor_shelf_close(struct cor_store *store)
{
	struct cor_shelf *shelf = (struct cor_shelf *)(void *)store;

	if (shelf->is_mapped)
		munmap(shelf->place, shelf->bytes);
	free(shelf);
}
