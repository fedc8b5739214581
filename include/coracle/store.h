/* SPDX-License-Identifier: MIT */
/**
 * Stores: bytes under keys, kept for a while: in the memory of the process, in memory that all
 * workers share, in files, or in memcached.
 *
 *     static const struct cor_cache prices = {
 *             .name = "prices", .store = &cor_memory_store, .entries = 10000, .ttl_ms = 30000,
 *     };
 *
 * A service lists its caches and calls them with structs: cache.h. A program opens a store itself,
 * and puts bytes in:
 *
 *     struct cor_store *store;
 *     struct cor_item item = { .value = COR_STR("12.50") };
 *     int rc = cor_store_open(&prices, &store, NULL);
 *
 *     rc = cor_store_put(store, COR_STR("price/7"), &item, COR_PUT_ALWAYS);
 *     rc = cor_store_get(store, COR_STR("price/7"), &arena, &item);
 *     cor_store_close(store);
 *
 * What is in a store may go at any time, because there is no room, its time is over, or a server is
 * gone: whoever asks must be able to do without. What comes back is always what was put under that
 * key, whole.
 *
 * Any thread may use a store. Calls of those in memory never yield and wait for nothing but a lock,
 * which is held for some instructions. Calls of the others yield the fiber, or block the thread
 * outside of one, for no longer than their timeouts, the request's deadline and the scopes
 * (fiber.h).
 */
#ifndef CORACLE_STORE_H
#define CORACLE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/fiber.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

struct cor_memcached; /* memcached.h */

/** An open store. */
struct cor_store;

#define COR_CACHES_MAX            32 /* of a service */
#define COR_CACHE_NAME_BYTES      33 /* with its NUL */
#define COR_CACHE_PREFIX_BYTES    64 /* with its NUL */
#define COR_CACHE_KEY_BYTES       1024
#define COR_CACHE_BYTES           (UINT64_C(64) * 1024 * 1024)
#define COR_CACHE_BYTES_MIN       (UINT64_C(64) * 1024)
#define COR_CACHE_BYTES_MAX       (UINT64_C(1) << 36)
#define COR_CACHE_ENTRIES_MAX     UINT32_C(0x7fffffff)
#define COR_CACHE_VALUE_BYTES     (1024 * 1024)
#define COR_CACHE_VALUE_BYTES_MAX (64 * 1024 * 1024)
#define COR_CACHE_TTL_MS          300000 /* five minutes */
#define COR_CACHE_NEAR_BYTES      (UINT64_C(16) * 1024 * 1024)
#define COR_CACHE_NEAR_TTL_MS_MAX 3600000 /* an hour */

/** Where a cache keeps what is put in. Opaque, constant. */
struct cor_store_kind;

/**
 * In the memory of this process, for all its threads. A cache of at most 4096 .entries (or, where
 * .bytes are the limit, of less than a MiB) keeps to limits and order exactly; a larger one has
 * parts, each with its share of both, and a value that is longer than a part has no room.
 */
COR_API extern const struct cor_store_kind cor_memory_store;

/**
 * As that, but in memory that all workers of a service share, and that is there as long as the
 * service is. In a program: its own, and that of children it makes by fork() from then on. Its size
 * is fixed, and counts where memory is limited.
 *
 * A process that is killed in the middle of a call, at any instruction, keeps nobody waiting. What
 * it was changing is emptied with all of its part (.lost of the figures); what is found is whole.
 * One that is stopped there holds others up for 50 ms, once. Until it goes on, calls that meet the
 * same part return -EBUSY and count as .errors.
 */
COR_API extern const struct cor_store_kind cor_shared_store;

/**
 * Files: what is kept outlives the process, and all processes of the machine that name the same
 * directory, the same cache and the same user share it:
 *
 *     static const struct cor_cache pages = {
 *             .name = "pages", .store = &cor_file_store, .at = "/tmp",
 *             .entries = 64, .ttl_ms = 120 * 1000,
 *     };
 *
 * They are in .at/coracle-UID-NAME, a directory of this user alone, also where others may write to
 * .at as well. One in which others could replace it, as it is not sticky, is refused. What is
 * missing of .at is made.
 *
 * .entries and .bytes are for all processes together; so many as put at the same time may be too
 * many for a moment. An entry counts for whole pages of 4,096 bytes. What goes is what is dead,
 * then what was not used for longest, to a second, and last what lives until it must go: there
 * is no .evicts here.
 *
 * A file that is broken, or that somebody else has put there, is a miss. When somebody sets the
 * clock, entries may be gone early; none lives longer than it may. Nothing is forced to the disk:
 * after a loss of power entries are gone, or whole. Open it after fork().
 *
 * In a fiber, calls that may wait for a disk run on threads of the store, four that read and four
 * that write, within the fiber's scope: -ETIMEDOUT, -ECANCELED; what has begun goes on behind. To
 * change what another process has locked for five seconds is -ETIMEDOUT; who reads waits for
 * nobody.
 */
COR_API extern const struct cor_store_kind cor_file_store;

/**
 * On servers of memcached, which .at names: see memcached.h. Times to live are whole seconds there,
 * rounded so that none is kept for longer than it says; docs/caching.md has the exceptions.
 */
COR_API extern const struct cor_store_kind cor_memcached_store;

/** Which entry goes when there is no room for a new one. Of stores in memory. */
enum cor_eviction {
	COR_EVICT_AS_USUAL = 0, /* what finds most on the traces of docs/eviction.md */
	COR_EVICT_LRU,          /* the one that was not used for longest */
	COR_EVICT_LFU,          /* the one that was used least often */
	COR_EVICT_FIFO,         /* the one that was put in first; put again, it is new */
	COR_EVICT_RANDOM,       /* any */
};

/** A cache: what is kept, where, and for how long. Constant; known to a service by its .caches. */
struct cor_cache {
	/** Small letters, digits, '_' and '-': in metrics and settings. */
	const char *name;
	/** For people. */
	const char *doc;
	/** NULL: &cor_memory_store. */
	const struct cor_store_kind *store;
	/**
	 * The directory of files; the servers of memcached, "10.0.0.1:11211, 10.0.0.2:11211,
	 * /run/memcached.sock". NULL in memory.
	 */
	const char *at;
	/** What else is to be said of memcached; NULL: nothing. */
	const struct cor_memcached *memcached;
	/**
	 * In front of each key where several caches share a place: in files and in memcached. "":
	 * nothing. NULL: "SERVICE:CACHE:", the names of the service and of the cache, so that two
	 * services at one place have nothing in common; to share entries, they say the same
	 * .prefix. Of services that are mounted it is the name of the outermost: the program's. Of
	 * a store that is opened without a service it is "CACHE:".
	 */
	const char *prefix;
	/** So many at most. 0: as many as .bytes have room for. */
	uint32_t entries;
	/**
	 * So much at most, with keys and what it takes to keep them, over all threads. Memory is
	 * taken as it is filled. 0: COR_CACHE_BYTES. memcached has limits of its own.
	 */
	uint64_t bytes;
	/**
	 * A longer value is not stored, nor is one that has no room in .bytes even alone. 0:
	 * COR_CACHE_VALUE_BYTES.
	 */
	uint32_t value_bytes;
	/** How long an entry lives. COR_FOREVER: until it must go. 0: COR_CACHE_TTL_MS. */
	int64_t ttl_ms;
	/** Of memory; of files and memcached only with .near_ttl_ms: of what is near. */
	enum cor_eviction evicts;
	/**
	 * In front of files or memcached: copies of what was got are kept in the memory of this
	 * process, each for so long at most, and a get that finds one asks nobody else. 0: none
	 * are; COR_CACHE_NEAR_TTL_MS_MAX at most.
	 *
	 * A call that changes an entry ends the copies of it in all workers of the service on this
	 * machine; in a program, those of this process. Copies elsewhere are as old as this at
	 * most; so are those of workers here, if who has changed the entry was killed before it
	 * could tell, or its time was over before the answer came.
	 */
	int64_t near_ttl_ms;
	/** How much copies take in each process. 0: COR_CACHE_NEAR_BYTES. */
	uint64_t near_bytes;
	/** So many copies at most. 0: as many as .near_bytes have room for. */
	uint32_t near_entries;
};

/** What is kept under a key. */
struct cor_item {
	struct cor_str value;
	/**
	 * When put: how long it lives; 0: as the cache says; COR_FOREVER. When got: what is left of
	 * that, 1 at least.
	 */
	int64_t ttl_ms;
	/** When got: another one each time that the value changes. For COR_PUT_UNCHANGED. */
	uint64_t version;
	/** When got: it is a copy that was near (.near_ttl_ms). */
	bool is_near;
};

enum cor_put {
	COR_PUT_ALWAYS = 0,
	COR_PUT_NEW,       /* only if there is none: else -EEXIST */
	COR_PUT_OVER,      /* only if there is one: else -ENOENT */
	COR_PUT_UNCHANGED, /* only if it is still of item->version: else -ESTALE, or -ENOENT */
};

/**
 * Open the store of a cache, which outlives it. Nothing is read and no server is asked yet.
 *
 * Returns 0; -EINVAL: the declaration contradicts itself, *ret_fault (which may be NULL) is then a
 * text of the thread's, good until its next call: "has no .at: say which directory";
 * -ENOMEM; of files, what open() says of the directory, or -EPERM: others could change it, both
 * with a text as well.
 */
COR_API int cor_store_open(const struct cor_cache *cache, struct cor_store **ret_store,
	const char **ret_fault) COR_CHECKED;

/** Nobody uses it any more. What is in files or in memcached stays. NULL is allowed. */
COR_API void cor_store_close(struct cor_store *store);

/**
 * Copy what is kept under a key into the arena.
 *
 * Returns 0; -ENOENT: there is nothing, or its time is over; -EINVAL: the key is empty or longer
 * than COR_CACHE_KEY_BYTES; -ENOMEM. Of files also what reading says (-EIO ...), of memcached also
 * -ETIMEDOUT, -ECANCELED, -ECONNREFUSED, -ECONNRESET, -EHOSTUNREACH, -EPROTO (it has answered what
 * is no answer), -COR_ECERTIFICATE, -COR_EUNTRIED (its server is out for now). *ret_item is then
 * untouched.
 */
COR_API int cor_store_get(struct cor_store *store, struct cor_str key, struct cor_arena *arena,
	struct cor_item *ret_item) COR_CHECKED;

/**
 * Keep a copy of item->value. What was there is gone, also where it fails for -COR_ETOOLARGE or the
 * disk: no old value is taken for the new one.
 *
 * Returns 0; what enum cor_put says; -COR_ETOOLARGE: the value is longer than .value_bytes, or has
 * no room even alone; -EINVAL (also for a negative .ttl_ms), -ENOMEM, and codes as cor_store_get(),
 * of files also -ENOSPC, -EROFS, -EDQUOT.
 */
COR_API int cor_store_put(struct cor_store *store, struct cor_str key, const struct cor_item *item,
	enum cor_put how) COR_CHECKED;

/** Drop what is kept under a key. Returns 0, -ENOENT, or codes as cor_store_get(). */
COR_API int cor_store_delete(struct cor_store *store, struct cor_str key) COR_CHECKED;

/** Let it live for so long from now on, as .ttl_ms of an item. Returns as cor_store_delete(). */
COR_API int cor_store_touch(
	struct cor_store *store, struct cor_str key, int64_t ttl_ms) COR_CHECKED;

/**
 * Add to a number that is kept as decimal text: exact, whoever else does so. Where there is none,
 * it is made as first->value says ("0" if that is empty), lives as first->ttl_ms says, and `by` is
 * not added. It is never below 0: what would be is 0. An existing one keeps its time.
 *
 * Returns 0 and the number; -EBADMSG: what is there is no number from 0 to UINT64_MAX; -ERANGE: it
 * would be larger; -EINVAL; codes as cor_store_put().
 */
COR_API int cor_store_add(struct cor_store *store, struct cor_str key, int64_t by,
	const struct cor_item *first, uint64_t *ret_number) COR_CHECKED;

/**
 * Get several at once: items[i] is what is under keys[i]; .value.data is NULL where there is
 * nothing. Of memcached each server is asked once, all at the same time, and those that do not
 * answer have nothing.
 *
 * Returns how many were found, or a code if none could be asked for.
 */
COR_API ssize_t cor_store_get_many(struct cor_store *store, const struct cor_str *keys, size_t len,
	struct cor_arena *arena, struct cor_item *items) COR_CHECKED;

/** Put several. Returns how many are kept, or a code if none could be. */
COR_API ssize_t cor_store_put_many(struct cor_store *store, const struct cor_str *keys,
	const struct cor_item *items, size_t len) COR_CHECKED;

/**
 * Drop everything that this cache has put in. Of memcached with a prefix this is not possible:
 * -ENOTSUP. Returns 0, or codes as cor_store_get().
 */
COR_API int cor_store_clear(struct cor_store *store) COR_CHECKED;

/**
 * Call visit() for what is there, in no order; it may call anything but this store, and does not
 * yield. What is put or dropped meanwhile may be met or not. visit() returns whether to go on.
 * Returns 0, -ENOTSUP (memcached), or codes as cor_store_get().
 */
COR_API int cor_store_each(struct cor_store *store,
	bool (*visit)(void *arg, struct cor_str key, const struct cor_item *item),
	void *arg) COR_CHECKED;

/** What a store has done since it was opened; in shared memory: since that was made. */
struct cor_store_figures {
	uint64_t hits;
	uint64_t misses;
	uint64_t puts;
	uint64_t deletes;
	uint64_t evicted;   /* there was no room */
	uint64_t expired;   /* their time was over when they were met */
	uint64_t too_large; /* values that were not kept */
	uint64_t lost;      /* dropped because a process died in the middle, or a file was broken */
	uint64_t errors;    /* calls that a file or a server failed */
	uint64_t entries;   /* now; of memcached 0 */
	uint64_t bytes;     /* now, as .bytes counts them; of memcached 0 */
	uint64_t near_hits; /* of the hits: copies of this process that were near */
	uint64_t near_entries;
	uint64_t near_bytes;
};

/** Never yields. */
COR_API void cor_store_figures(struct cor_store *store, struct cor_store_figures *ret);

COR_END_DECLS
#endif
