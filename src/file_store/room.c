/* SPDX-License-Identifier: MIT */
#include "file_store/room.h"

#include <errno.h>
#include <string.h>

#include "file_store/scan.h"
#include "file_store/stripe.h"
#include "file_store/write.h"

#define SCANS 2 /* the list may be old: then it is made anew, once */

/* The caller has its stripe. What it costs; 0: it was used since, or has gone. */
static int64_t remove_victim(const struct cor_file_room *room, const struct cor_file_victim *victim)
{
	struct cor_file_store *store = room->store;
	struct cor_entry_place place;

	if (cor_entry_look(store, victim->name, &place) < 0 || !place.is_ours ||
		place.used_ns != victim->used_ns)
		return 0;
	if (cor_entry_remove(store, victim->name, victim->stripe) < 0)
		return 0;
	cor_file_count_cause(store, victim->rank == 0 ? COR_STORE_EXPIRED : COR_STORE_EVICTED);
	return place.cost;
}

/* A stripe that others have is passed by: to wait for it with one locked might never end. */
static int64_t evict(const struct cor_file_room *room, const struct cor_file_victim *victim)
{
	int64_t cost;

	if (victim->stripe == room->key->stripe)
		return strcmp(victim->name, room->key->name) == 0 ? 0 : remove_victim(room, victim);
	if (cor_stripe_try_lock(room->store, victim->stripe) < 0)
		return 0;
	cost = remove_victim(room, victim);
	cor_stripe_unlock(room->store, victim->stripe);
	return cost;
}

/* What lives until it must go goes only if nothing else was there at a look just now. */
static bool is_listed(struct cor_file_victims *victims)
{
	if (victims->len == 0)
		return false;
	if (victims->items[victims->len - 1].rank < 2)
		return true;
	if (victims->lasting == 0)
		return false;
	victims->lasting--;
	return true;
}

/* The next of the list; what it has cost; 0: there is none. */
static int64_t evict_one(const struct cor_file_room *room)
{
	struct cor_file_victims *victims = &room->store->victims;
	int64_t cost = 0;

	while (cost == 0 && is_listed(victims))
		cost = evict(room, &victims->items[--victims->len]);
	return cost;
}

struct cor_file_count cor_file_room_seen(
	struct cor_file_store *store, const struct cor_file_counts *counts)
{
	struct cor_file_count total = cor_state_total(counts);

	atomic_store_explicit(&store->figures.entries, total.entries, memory_order_relaxed);
	atomic_store_explicit(&store->figures.bytes, total.bytes, memory_order_relaxed);
	return total;
}

static bool has_room(const struct cor_file_room *room, const struct cor_file_counts *counts)
{
	const struct cor_cache *cache = room->store->cache;
	struct cor_file_count total = cor_file_room_seen(room->store, counts);

	return (room->entries <= 0 || cache->entries == 0 ||
		       total.entries + room->entries <= (int64_t)cache->entries) &&
	       (room->bytes <= 0 || total.bytes + room->bytes <= (int64_t)cache->bytes);
}

static bool is_counted(const struct cor_file_room *room, struct cor_file_counts *counts)
{
	return cor_state_read(room->store->state, counts, false);
}

static void make(const struct cor_file_room *room, struct cor_file_counts *ret)
{
	int scans = 0;

	while (!is_counted(room, ret) || !has_room(room, ret)) {
		if (is_counted(room, ret) && evict_one(room) != 0)
			continue;
		/* The look may find that the counts are wrong, so all is asked again. */
		if (scans++ == SCANS || cor_file_room_scan(room) < 0)
			break;
	}
}

void cor_file_room_make(const struct cor_file_room *room, struct cor_file_counts *ret)
{
	bool is_good = is_counted(room, ret);

	atomic_store(&room->store->has_counts, is_good);
	if (is_good && has_room(room, ret))
		return;
	if (cor_mutex_lock(&room->store->room) < 0)
		return;
	make(room, ret);
	cor_mutex_unlock(&room->store->room);
}

bool cor_file_room_free(
	const struct cor_file_room *room, int64_t bytes, struct cor_file_counts *ret)
{
	int64_t wanted, freed = 0;

	if (cor_mutex_lock(&room->store->room) < 0)
		return false;
	(void)is_counted(room, ret);
	wanted = bytes + cor_state_total(ret).bytes / 8;
	for (int scans = 0; freed < wanted;) {
		int64_t cost = evict_one(room);
		freed += cost;
		if (cost == 0 && (scans++ == SCANS || cor_file_room_scan(room) < 0))
			break;
	}
	(void)is_counted(room, ret);
	cor_mutex_unlock(&room->store->room);
	return freed != 0;
}
