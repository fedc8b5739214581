/* SPDX-License-Identifier: MIT */
#include "limit/table.h"

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <coracle/clock.h>
#include <coracle/random.h>

/* Each store leaves an entry that can be read: what an owner that died has left is as good. */
static int repair(void *arg)
{
	(void)arg;
	return 0;
}

int cor_limit_table_init(void *region, size_t bytes)
{
	struct cor_limit_table *table = region;
	int rc = 0;

	(void)bytes;
	cor_random_fill(&table->seed, sizeof table->seed);
	for (size_t i = 0; i < COR_LIMIT_SLOTS && rc == 0; i++)
		rc = cor_lock_init(&table->alive[i]);
	for (size_t i = 0; i < COR_LIMIT_STRIPES && rc == 0; i++)
		rc = cor_lock_init(&table->locks[i]);
	return rc;
}

struct cor_limit_table *cor_limit_table_create(void)
{
	struct cor_limit_table *table = calloc(1, sizeof *table);

	if (table && cor_limit_table_init(table, sizeof *table) < 0) {
		free(table);
		return NULL;
	}
	return table;
}

uint64_t cor_limit_key(const struct cor_limit_table *table, const char *limit, struct cor_str whose)
{
	uint64_t of_limit = XXH3_64bits_withSeed(limit, strlen(limit), table->seed);
	uint64_t key = XXH3_64bits_withSeed(whose.data ? whose.data : "", whose.len, of_limit);

	return key ? key : 1;
}

/* --- a stripe --- */

static size_t stripe_of(uint64_t key)
{
	return key >> 32 & (COR_LIMIT_STRIPES - 1);
}

static bool lock(struct cor_limit_table *table, uint64_t key)
{
	return cor_lock_take(&table->locks[stripe_of(key)], repair, NULL) == 0;
}

static void unlock(struct cor_limit_table *table, uint64_t key)
{
	cor_lock_give(&table->locks[stripe_of(key)]);
}

static struct cor_limit_entry *find(struct cor_limit_table *table, uint64_t key, uint32_t slot)
{
	struct cor_limit_entry *entries = table->entries[stripe_of(key)];

	for (size_t i = 0; i < COR_LIMIT_ENTRIES; i++)
		if (entries[i].key == key && entries[i].slot == slot)
			return &entries[i];
	return NULL;
}

/* What is in progress is never given up; NULL: nothing else is there. */
static struct cor_limit_entry *find_room(
	struct cor_limit_table *table, uint64_t key, int64_t now_ns)
{
	struct cor_limit_entry *entries = table->entries[stripe_of(key)], *least = NULL;

	for (size_t i = 0; i < COR_LIMIT_ENTRIES; i++) {
		struct cor_limit_entry *at = &entries[i];
		if (at->key == 0)
			return at;
		if (at->slot != 0)
			continue;
		if ((int64_t)at->value <= now_ns)
			return at;
		if (!least || at->value < least->value)
			least = at;
	}
	return least;
}

/* The key last: a process that dies before leaves room. */
static void make(struct cor_limit_entry *entry, uint64_t key, uint32_t slot, uint64_t value)
{
	entry->key = 0;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	entry->value = value;
	entry->slot = slot;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	entry->key = key;
}

/* --- rates --- */

#define DEBT_NS_MAX (86400 * INT64_C(1000000000))

struct cor_rate_state cor_rate_state_at(
	const struct cor_rate *rate, int64_t full_ns, int64_t now_ns, bool is_taken)
{
	int64_t debt = full_ns > now_ns ? full_ns - now_ns : 0;
	int64_t used = (debt + rate->interval_ns - 1) / rate->interval_ns;
	int64_t left = (int64_t)rate->burst - used;
	int64_t next = debt - (int64_t)(rate->burst - 1) * rate->interval_ns;

	return (struct cor_rate_state){
		.is_taken = is_taken,
		.remaining = left > 0 ? (uint32_t)left : 0,
		.next_ns = next > 0 ? next : 0,
		.reset_ns = debt,
	};
}

/* Numbers that a reload has changed would take what was used by others for their own. */
static uint64_t key_of_rate(const struct cor_rate *rate, uint64_t key)
{
	const uint64_t numbers[] = { (uint64_t)rate->interval_ns, rate->burst };
	uint64_t own = XXH3_64bits_withSeed(numbers, sizeof numbers, key);

	return own ? own : 1;
}

static int64_t full_at(const struct cor_limit_entry *entry, int64_t now_ns)
{
	return entry && (int64_t)entry->value > now_ns ? (int64_t)entry->value : now_ns;
}

static void put(struct cor_limit_table *table, struct cor_limit_entry *entry, uint64_t key,
	int64_t full_ns, int64_t now_ns)
{
	if (entry)
		entry->value = (uint64_t)full_ns;
	else if ((entry = find_room(table, key, now_ns)))
		make(entry, key, 0, (uint64_t)full_ns);
}

struct cor_rate_state cor_limit_take(struct cor_limit_table *table, uint64_t key,
	const struct cor_rate *rate, uint32_t count, int64_t now_ns)
{
	struct cor_rate_state state = cor_rate_state_at(rate, now_ns, now_ns, true);

	key = key_of_rate(rate, key);
	if (!lock(table, key))
		return state; /* better than to refuse everybody */
	struct cor_limit_entry *entry = find(table, key, 0);
	int64_t full_ns = full_at(entry, now_ns);
	state = cor_rate_state_at(rate, full_ns, now_ns, true);
	state.is_taken = state.next_ns == 0;
	if (state.is_taken && count != 0) {
		full_ns += count * rate->interval_ns;
		put(table, entry, key, full_ns, now_ns);
		state = cor_rate_state_at(rate, full_ns, now_ns, true);
	}
	unlock(table, key);
	return state;
}

void cor_limit_raise(struct cor_limit_table *table, uint64_t key, const struct cor_rate *rate,
	int64_t full_ns, int64_t now_ns)
{
	key = key_of_rate(rate, key);
	if (!lock(table, key))
		return;
	struct cor_limit_entry *entry = find(table, key, 0);
	if (full_ns > full_at(entry, now_ns))
		put(table, entry, key, full_ns, now_ns);
	unlock(table, key);
}

void cor_limit_charge(
	struct cor_limit_table *table, uint64_t key, const struct cor_rate *rate, int64_t now_ns)
{
	int64_t most_ns = now_ns + rate->burst * rate->interval_ns + DEBT_NS_MAX;

	key = key_of_rate(rate, key);
	if (!lock(table, key))
		return;
	struct cor_limit_entry *entry = find(table, key, 0);
	int64_t full_ns = full_at(entry, now_ns) + rate->interval_ns;
	put(table, entry, key, full_ns < most_ns ? full_ns : most_ns, now_ns);
	unlock(table, key);
}

/* --- what is in progress --- */

#define BEGIN_S 2

/* A slot whose worker has ended may never have another. */
static bool has_ended(struct cor_limit_table *table, uint32_t slot)
{
	if (cor_lock_take_until(&table->alive[slot], 0, repair, NULL) < 0)
		return false;
	cor_lock_give(&table->alive[slot]);
	return true;
}

static uint64_t count_entered(const struct cor_limit_table *table, uint64_t key)
{
	const struct cor_limit_entry *entries = table->entries[stripe_of(key)];
	uint64_t sum = 0;

	for (size_t i = 0; i < COR_LIMIT_ENTRIES; i++)
		if (entries[i].key == key && entries[i].slot != 0)
			sum += entries[i].value;
	return sum;
}

/* What was in progress in workers that have ended since is over. */
static void forget_dead(struct cor_limit_table *table, const struct cor_limit_visit *visit)
{
	struct cor_limit_entry *entries = table->entries[stripe_of(visit->key)];

	for (size_t i = 0; i < COR_LIMIT_ENTRIES; i++)
		if (entries[i].key == visit->key && entries[i].slot != 0 &&
			entries[i].slot != visit->slot + 1 && has_ended(table, entries[i].slot - 1))
			entries[i] = (struct cor_limit_entry){ 0 };
}

bool cor_limit_enter(struct cor_limit_table *table, const struct cor_limit_visit *visit,
	uint32_t most, bool *ret_is_kept)
{
	uint64_t key = visit->key;

	*ret_is_kept = false;
	if (!lock(table, key))
		return true;
	if (count_entered(table, key) >= most)
		forget_dead(table, visit);
	struct cor_limit_entry *own = find(table, key, visit->slot + 1);
	bool may = count_entered(table, key) < most;
	if (may && own)
		own->value++;
	else if (may && (own = find_room(table, key, visit->now_ns)))
		make(own, key, visit->slot + 1, 1);
	*ret_is_kept = may && own;
	unlock(table, key);
	return may;
}

void cor_limit_leave(struct cor_limit_table *table, uint64_t key, uint32_t slot)
{
	if (!lock(table, key))
		return;
	struct cor_limit_entry *own = find(table, key, slot + 1);
	if (own && --own->value == 0)
		own->key = 0;
	unlock(table, key);
}

void cor_limit_table_begin(struct cor_limit_table *table, uint32_t slot)
{
	/* never given back: the kernel tells others of our end; they hold it for a moment only */
	int64_t deadline_ns = (cor_now().tv_sec + BEGIN_S) * INT64_C(1000000000);
	bool is_told = cor_lock_take_until(&table->alive[slot], deadline_ns, repair, NULL) == 0;

	(void)is_told; /* else what it leaves is forgotten when the slot gets another */
	for (size_t i = 0; i < COR_LIMIT_STRIPES; i++) {
		if (cor_lock_take(&table->locks[i], repair, NULL) < 0)
			continue;
		for (size_t at = 0; at < COR_LIMIT_ENTRIES; at++)
			if (table->entries[i][at].slot == slot + 1)
				table->entries[i][at] = (struct cor_limit_entry){ 0 };
		cor_lock_give(&table->locks[i]);
	}
}
