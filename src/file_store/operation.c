/* SPDX-License-Identifier: MIT */
#include "file_store/operation.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <coracle/error.h>

#include "file_store/entry_file.h"
#include "file_store/state.h"
#include "file_store/stripe.h"
#include "file_store/write.h"
#include "runtime/clock.h"

#define TRIES         3         /* while others take the directory away */
#define NUMBER_DIGITS 20        /* of UINT64_MAX */
#define OTHER_VERSION (-EILSEQ) /* -ESTALE is a directory that has gone */

/* --- what all have in common --- */

static void make_key(
	struct cor_file_store *store, const struct cor_file_call *call, struct cor_entry_key *key)
{
	cor_entry_key_init(key, store->cache->prefix, call->key, atomic_load(&store->seed));
}

static int64_t ns_of_ms(int64_t ttl_ms)
{
	int64_t ns;

	return ttl_ms == COR_FOREVER || __builtin_mul_overflow(ttl_ms, COR_NS_PER_MS, &ns)
		       ? COR_FOREVER
		       : ns;
}

static int64_t ms_left(int64_t left_ns)
{
	return left_ns == COR_FOREVER ? COR_FOREVER : (left_ns - 1) / COR_NS_PER_MS + 1;
}

/* A new life, from now on. */
static void begin_life(struct cor_file_store *store, struct cor_entry_key *key,
	const struct cor_file_call *call, int64_t ttl_ms)
{
	key->front.head.created = call->now;
	key->front.head.boot = store->boot;
	key->front.head.ttl_ns = ns_of_ms(ttl_ms);
}

/* Under the lock: what is there and good, or 0; a code. What is dead or broken goes. */
static int load(struct cor_file_store *store, const struct cor_file_call *call,
	const struct cor_entry_key *key, struct cor_entry *ret)
{
	const struct cor_entry_read how = { .clock = call->clock, .arena = call->arena };
	int found = cor_entry_load(store, key, &how, ret);

	if (found == COR_ENTRY_EXPIRED)
		cor_file_count_cause(store, COR_STORE_EXPIRED);
	if (found == COR_ENTRY_BROKEN || found == COR_ENTRY_FOREIGN)
		cor_file_count_cause(store, COR_STORE_LOST);
	if (found == COR_ENTRY_EXPIRED || found == COR_ENTRY_BROKEN)
		(void)!cor_entry_remove(store, key->name, key->stripe);
	if (found < 0)
		return found;
	return found == COR_ENTRY_GOOD;
}

/* Do it with the stripe locked; again, if the directory was taken away meanwhile. */
static int locked(struct cor_file_store *store, struct cor_file_call *call,
	int (*act)(struct cor_file_store *store, struct cor_file_call *call,
		struct cor_entry_key *key))
{
	struct cor_entry_key key;
	int rc = -ESTALE;

	for (int tries = 0; rc == -ESTALE && tries < TRIES; tries++) {
		uint64_t seed = atomic_load(&store->seed);
		make_key(store, call, &key);
		rc = cor_stripe_lock(store, key.stripe);
		if (rc < 0)
			return rc;
		/* It may be another directory now, with another secret. */
		call->now = cor_file_now(call->clock);
		rc = seed == atomic_load(&store->seed) ? act(store, call, &key) : -ESTALE;
		cor_stripe_unlock(store, key.stripe);
	}
	return rc == -ESTALE ? -EIO : rc;
}

/* --- get --- */

/* Who reads waits for nobody: where the stripe is locked, it stays for the next. */
static void clean(
	struct cor_file_store *store, struct cor_file_call *call, const struct cor_entry_key *key)
{
	struct cor_entry entry;

	if (cor_stripe_try_lock(store, key->stripe) < 0)
		return;
	(void)!load(store, call, key, &entry);
	cor_stripe_unlock(store, key->stripe);
}

/* Somebody may have made the directory anew: what others put is found there. */
static bool has_gone(struct cor_file_store *store)
{
	return store->state >= 0 && !cor_state_is_current(store->state);
}

static int miss(struct cor_file_store *store, struct cor_file_call *call,
	const struct cor_entry_key *key, int found)
{
	bool is_to_clean = found == COR_ENTRY_EXPIRED || found == COR_ENTRY_BROKEN;

	if (call->at_once && (is_to_clean || has_gone(store)))
		return -EAGAIN;
	cor_file_count_one(&store->figures.misses);
	if (is_to_clean)
		clean(store, call, key);
	else if (found == COR_ENTRY_FOREIGN)
		cor_file_count_cause(store, COR_STORE_LOST);
	if (has_gone(store))
		(void)!cor_stripes_reopen(store);
	return -ENOENT;
}

int cor_file_get(struct cor_file_store *store, struct cor_file_call *call)
{
	const struct cor_entry_read how = {
		.at_once = call->at_once, .clock = call->clock, .arena = call->arena
	};
	struct cor_entry_key key;
	struct cor_entry entry;

	make_key(store, call, &key);
	int found = cor_entry_load(store, &key, &how, &entry);
	if (found < 0)
		return found;
	if (found != COR_ENTRY_GOOD)
		return miss(store, call, &key, found);
	cor_file_count_one(&store->figures.hits);
	call->item = (struct cor_item){
		.value = entry.value,
		.ttl_ms = ms_left(entry.left_ns),
		.version = entry.head.version,
	};
	return 0;
}

/* --- put --- */

/* What is there of the stripe stays, but is not served by this process any more. */
static void withhold(
	struct cor_file_store *store, const struct cor_file_call *call, uint32_t stripe)
{
	atomic_store(&store->served_from_ns[stripe], cor_file_now(call->clock).mono_ns);
}

/* Nobody may take the old value for the new one, which could not be kept. */
static void drop_old(struct cor_file_store *store, const struct cor_file_call *call,
	const struct cor_entry_key *key)
{
	int rc = cor_entry_remove(store, key->name, key->stripe);

	if (rc < 0 && rc != -ENOENT)
		withhold(store, call, key->stripe);
}

static int may_put(
	struct cor_file_store *store, struct cor_file_call *call, const struct cor_entry_key *key)
{
	struct cor_entry entry;
	int found = load(store, call, key, &entry);

	if (found < 0)
		return found;
	if (call->how == COR_PUT_NEW)
		return found ? -EEXIST : 0;
	if (!found)
		return -ENOENT;
	return call->how == COR_PUT_UNCHANGED && entry.head.version != call->item.version
		       ? OTHER_VERSION
		       : 0;
}

static int put(struct cor_file_store *store, struct cor_file_call *call, struct cor_entry_key *key)
{
	int64_t cost = cor_entry_cost(cor_entry_file_bytes(key, call->item.value.len));
	int rc = call->how == COR_PUT_ALWAYS ? 0 : may_put(store, call, key);

	if (rc < 0)
		return rc;
	if (call->item.value.len > store->cache->value_bytes ||
		cost > (int64_t)store->cache->bytes) {
		cor_file_count_cause(store, COR_STORE_TOO_LARGE);
		drop_old(store, call, key);
		return -COR_ETOOLARGE;
	}
	begin_life(store, key, call, call->item.ttl_ms);
	key->front.head.version = cor_file_version(store);
	rc = cor_entry_write(store, key, &call->now, call->item.value);
	if (rc < 0 && rc != -ESTALE)
		drop_old(store, call, key);
	if (rc == 0)
		cor_file_count_one(&store->figures.puts);
	return rc;
}

int cor_file_put(struct cor_file_store *store, struct cor_file_call *call)
{
	int rc = locked(store, call, put);
	struct cor_entry_key key;

	if (rc == -EROFS || rc == -EIO) {
		make_key(store, call, &key);
		withhold(store, call, key.stripe);
	}
	return rc == OTHER_VERSION ? -ESTALE : rc;
}

/* --- delete --- */

static int take_away(
	struct cor_file_store *store, struct cor_file_call *call, struct cor_entry_key *key)
{
	struct cor_entry entry;
	int found = load(store, call, key, &entry);

	if (found <= 0)
		return found < 0 ? found : -ENOENT;
	int rc = cor_entry_remove(store, key->name, key->stripe);
	if (rc == 0)
		cor_file_count_one(&store->figures.deletes);
	return rc;
}

int cor_file_remove(struct cor_file_store *store, struct cor_file_call *call)
{
	return locked(store, call, take_away);
}

/* --- touch --- */

static int lengthen(
	struct cor_file_store *store, struct cor_file_call *call, struct cor_entry_key *key)
{
	struct cor_entry entry;
	int found = load(store, call, key, &entry);

	if (found <= 0)
		return found < 0 ? found : -ENOENT;
	begin_life(store, key, call, call->ttl_ms);
	key->front.head.version = entry.head.version;
	return cor_entry_write(store, key, &call->now, entry.value);
}

int cor_file_touch(struct cor_file_store *store, struct cor_file_call *call)
{
	return locked(store, call, lengthen);
}

/* --- add --- */

static int parse(struct cor_str text, uint64_t *ret)
{
	uint64_t number = 0;

	if (text.len == 0 || text.len > NUMBER_DIGITS)
		return -EBADMSG;
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned)text.data[i] - '0';
		if (digit > 9 || __builtin_mul_overflow(number, UINT64_C(10), &number) ||
			__builtin_add_overflow(number, (uint64_t)digit, &number))
			return -EBADMSG;
	}
	*ret = number;
	return 0;
}

static int sum(uint64_t number, int64_t by, uint64_t *ret)
{
	uint64_t less = by < 0 ? -(uint64_t)by : 0;

	if (by < 0)
		*ret = number > less ? number - less : 0;
	else if (__builtin_add_overflow(number, (uint64_t)by, ret))
		return -ERANGE;
	return 0;
}

static int add(struct cor_file_store *store, struct cor_file_call *call, struct cor_entry_key *key)
{
	char text[NUMBER_DIGITS + 1];
	struct cor_entry entry;
	int found = load(store, call, key, &entry), rc;

	if (found < 0)
		return found;
	rc = parse(found ? entry.value : call->item.value, &call->number);
	if (rc == 0 && found)
		rc = sum(call->number, call->by, &call->number);
	if (rc < 0)
		return rc;
	begin_life(store, key, call, call->item.ttl_ms);
	if (found) {
		key->front.head.created = entry.head.created;
		key->front.head.boot = entry.head.boot;
		key->front.head.ttl_ns = entry.head.ttl_ns;
	}
	key->front.head.version = cor_file_version(store);
	int len = snprintf(text, sizeof text, "%" PRIu64, call->number);
	rc = cor_entry_write(store, key, &call->now, (struct cor_str){ text, (size_t)len });
	if (rc == 0)
		cor_file_count_one(&store->figures.puts);
	return rc;
}

int cor_file_add(struct cor_file_store *store, struct cor_file_call *call)
{
	return locked(store, call, add);
}
