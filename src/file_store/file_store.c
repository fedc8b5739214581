/* SPDX-License-Identifier: MIT */
#include "file_store/file_store.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <coracle/error.h>
#include <coracle/random.h>

#include "file_store/directory.h"
#include "file_store/offload.h"
#include "file_store/room.h"
#include "file_store/state.h"
#include "file_store/walk.h"
#include "runtime/clock.h"
#include "runtime/forked.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

struct cor_file_moment cor_file_now(const struct cor_clock *clock)
{
	return (struct cor_file_moment){
		.real_ns = clock->realtime_ns(clock),
		.mono_ns = clock->monotonic_ns(clock),
	};
}

/* Each process has a seed of its own. */
uint64_t cor_file_version(struct cor_file_store *store)
{
	uint64_t of[2] = {
		atomic_load_explicit(&store->version_seed, memory_order_relaxed),
		atomic_fetch_add_explicit(&store->versions, 1, memory_order_relaxed),
	};

	return XXH3_64bits(of, sizeof of);
}

/* --- open and close --- */

static const char *fault(struct cor_arena *arena, const struct cor_cache *cache)
{
	(void)arena;
	return cache->at && cache->at[0] != '\0' ? NULL : "has no .at: say which directory";
}

/* Which start of the system this is, and whose monotonic clock: containers may have their own. 0:
 * it cannot be told, and no two are then the same. */
static uint64_t boot_of_now(void)
{
	char text[128] = "";
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, 64);
	uint64_t boot = 0;

	if (fd >= 0)
		close(fd);
	if (n > 0) {
		ssize_t len = readlink("/proc/self/ns/time", text + n, sizeof text - 64);
		boot = XXH3_64bits(text, (size_t)(n + (len > 0 ? len : 0)));
	}
	while (boot == 0)
		cor_random_fill(&boot, sizeof boot);
	return boot;
}

/* tmpfs does not say what of a file is in memory (RWF_NOWAIT), because all is. */
static bool is_in_memory(int directory)
{
	struct statfs system;

	return fstatfs(directory, &system) == 0 &&
	       (system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC);
}

static int open_files(struct cor_file_store *store)
{
	uint64_t seed = 0;
	int rc;

	store->directory = cor_cache_directory_open(store->cache);
	if (store->directory < 0)
		return store->directory;
	store->never_waits = is_in_memory(store->directory);
	store->state = cor_state_open(store->directory, &seed);
	rc = store->state < 0 ? store->state : cor_file_pools_create(store);
	atomic_init(&store->seed, seed);
	if (rc == 0)
		return 0;
	if (store->state >= 0)
		close(store->state);
	close(store->directory);
	return rc;
}

static int open_store(const struct cor_cache *cache, void *place, struct cor_store **ret)
{
	struct cor_file_store *store = calloc(1, sizeof *store);
	int rc;

	(void)place;
	if (!store)
		return -ENOMEM;
	store->cache = cache;
	store->user = geteuid();
	rc = open_files(store);
	if (rc < 0) {
		free(store);
		return rc;
	}
	store->boot = boot_of_now();
	cor_forked_watch();
	atomic_init(&store->forks, cor_forked_count);
	cor_random_fill(&store->version_seed, sizeof store->version_seed);
	for (uint32_t i = 0; i < COR_STRIPES; i++)
		atomic_init(&store->served_from_ns[i], INT64_MIN);
	*ret = &store->store;
	return 0;
}

static void close_store(struct cor_store *base)
{
	struct cor_file_store *store = (struct cor_file_store *)base;

	cor_file_pools_destroy(store);
	close(store->state);
	close(store->directory);
	free(store->victims.items);
	free(store);
}

/* --- what it does --- */

/* What is no failure of a file. */
static bool is_answer(int rc)
{
	switch (rc) {
	case -ENOENT:
	case -EEXIST:
	case -ESTALE:
	case -COR_ETOOLARGE:
	case -EBADMSG:
	case -ERANGE:
		return true;
	default:
		return rc >= 0;
	}
}

static int do_it(struct cor_store *base, struct cor_file_call *call)
{
	struct cor_file_store *store = (struct cor_file_store *)base;
	int rc = cor_file_do(store, call);

	if (!is_answer(rc))
		cor_file_count_one(&store->figures.errors);
	return rc;
}

/* The time that the caller has waited is not left any more. */
static int shorten(struct cor_item *item, const struct cor_file_call *call)
{
	if (!call->has_waited || item->ttl_ms == COR_FOREVER)
		return 0;
	int64_t waited_ms = (cor_monotonic_ns() - call->began_ns) / COR_NS_PER_MS;
	if (item->ttl_ms <= waited_ms)
		return -ENOENT;
	item->ttl_ms -= waited_ms;
	return 0;
}

static int get(
	struct cor_store *store, struct cor_str key, struct cor_arena *arena, struct cor_item *ret)
{
	struct cor_file_call call = {
		.act = cor_file_get,
		.key = key,
		.arena = arena,
		.only_reads = true,
		.at_once = true,
	};
	int rc = do_it(store, &call);

	if (rc == 0)
		rc = shorten(&call.item, &call);
	if (rc == 0)
		*ret = call.item;
	return rc;
}

static int put(
	struct cor_store *store, struct cor_str key, const struct cor_item *item, enum cor_put how)
{
	struct cor_file_call call = { .act = cor_file_put, .key = key, .item = *item, .how = how };

	return do_it(store, &call);
}

static int take_away(struct cor_store *store, struct cor_str key)
{
	struct cor_file_call call = { .act = cor_file_remove, .key = key };

	return do_it(store, &call);
}

static int touch(struct cor_store *store, struct cor_str key, int64_t ttl_ms)
{
	struct cor_file_call call = { .act = cor_file_touch, .key = key, .ttl_ms = ttl_ms };

	return do_it(store, &call);
}

static int add(struct cor_store *store, struct cor_str key, int64_t by,
	const struct cor_item *first, uint64_t *ret)
{
	struct cor_file_call call = { .act = cor_file_add, .key = key, .item = *first, .by = by };
	int rc = do_it(store, &call);

	if (rc == 0)
		*ret = call.number;
	return rc;
}

static int clear(struct cor_store *store)
{
	struct cor_file_call call = { .act = cor_file_clear };

	return do_it(store, &call);
}

/* --- all of them --- */

static bool visit_one(struct cor_store *store, const char *name,
	bool (*visit)(void *arg, struct cor_str key, const struct cor_item *item), void *arg,
	int *ret)
{
	struct cor_file_call call = { .act = cor_file_get_named, .name = name, .only_reads = true };
	struct cor_arena arena;
	bool goes_on = true;

	cor_arena_init(&arena, NULL, 0, 0);
	call.arena = &arena;
	int rc = do_it(store, &call);
	if (rc == 0 && shorten(&call.item, &call) == 0)
		goes_on = visit(arg, call.found, &call.item);
	*ret = rc == -ENOENT ? 0 : rc;
	cor_arena_finish(&arena);
	return goes_on && *ret == 0;
}

static int each(struct cor_store *store,
	bool (*visit)(void *arg, struct cor_str key, const struct cor_item *item), void *arg)
{
	struct cor_file_call call = { .act = cor_file_list, .only_reads = true };
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	call.arena = &arena;
	int rc = do_it(store, &call);
	for (size_t i = 0; rc == 0 && i < call.len; i++)
		if (!visit_one(store, call.names + i * COR_ENTRY_NAME_BYTES, visit, arg, &rc))
			break;
	cor_arena_finish(&arena);
	return rc;
}

/* Where it would wait for the disk, or somebody is just writing: as it was last seen. */
static struct cor_file_count size_of(struct cor_file_store *store)
{
	struct cor_file_counts counts;

	if (cor_state_read(store->state, &counts, true))
		return cor_file_room_seen(store, &counts);
	return (struct cor_file_count){
		.entries = atomic_load(&store->figures.entries),
		.bytes = atomic_load(&store->figures.bytes),
	};
}

static void figures(struct cor_store *base, struct cor_store_figures *ret)
{
	struct cor_file_store *store = (struct cor_file_store *)base;
	const struct cor_file_count total = size_of(store);

	*ret = (struct cor_store_figures){
		.hits = atomic_load(&store->figures.hits),
		.misses = atomic_load(&store->figures.misses),
		.puts = atomic_load(&store->figures.puts),
		.deletes = atomic_load(&store->figures.deletes),
		.evicted = atomic_load(&store->figures.causes[COR_STORE_EVICTED]),
		.expired = atomic_load(&store->figures.causes[COR_STORE_EXPIRED]),
		.too_large = atomic_load(&store->figures.causes[COR_STORE_TOO_LARGE]),
		.lost = atomic_load(&store->figures.causes[COR_STORE_LOST]),
		.errors = atomic_load(&store->figures.errors),
		.entries = (uint64_t)total.entries,
		.bytes = (uint64_t)total.bytes,
	};
}

const struct cor_store_kind cor_file_store = {
	.name = "file",
	.is_common = true,
	.fault = fault,
	.refusal = cor_cache_directory_refusal,
	.open = open_store,
	.check = cor_cache_directory_check,
	.close = close_store,
	.get = get,
	.put = put,
	.remove = take_away,
	.touch = touch,
	.add = add,
	.clear = clear,
	.each = each,
	.figures = figures,
};
