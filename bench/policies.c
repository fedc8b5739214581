/* SPDX-License-Identifier: MIT */
/*
 * How much caches find, by which entry goes: the classic orders, three newer ones as their papers
 * have them, and our store as usual, on traces of several shapes. Usage: bench-policies. Prints the
 * table of docs/eviction.md.
 *
 * S3-FIFO: Yang et al., SOSP 2023. SIEVE: Zhang et al., NSDI 2024. W-TinyLFU: Einziger et al., ACM
 * Transactions on Storage 2017. Entries have all the same size here; keys are numbers.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/store.h>

#define KEYS     100000  /* that come back */
#define LEN      1500000 /* of a trace */
#define KEYS_MAX (KEYS + LEN)
#define NONE     UINT32_MAX

static uint32_t trace[LEN];
static uint32_t size; /* of the cache, in entries */

static uint64_t chance_state = 88172645463325252;

static uint64_t chance(void)
{
	chance_state ^= chance_state << 13;
	chance_state ^= chance_state >> 7;
	chance_state ^= chance_state << 17;
	return chance_state;
}

/* --- queues --- */

static struct node {
	uint32_t before, after;
	uint32_t uses;
	uint8_t in; /* a queue, from 1 on; 0: it is not kept */
	bool is_used;
} nodes[KEYS_MAX];

static struct queue {
	uint32_t newest, oldest, len;
} queues[4];

static void empty(void)
{
	memset(nodes, 0, sizeof nodes);
	for (int i = 0; i < 4; i++)
		queues[i] = (struct queue){ NONE, NONE, 0 };
}

static void add(uint32_t key, uint8_t in)
{
	struct queue *queue = &queues[in];

	nodes[key].in = in;
	nodes[key].before = NONE;
	nodes[key].after = queue->newest;
	if (queue->newest != NONE)
		nodes[queue->newest].before = key;
	else
		queue->oldest = key;
	queue->newest = key;
	queue->len++;
}

static void drop(uint32_t key)
{
	struct node *node = &nodes[key];
	struct queue *queue = &queues[node->in];

	if (node->before != NONE)
		nodes[node->before].after = node->after;
	else
		queue->newest = node->after;
	if (node->after != NONE)
		nodes[node->after].before = node->before;
	else
		queue->oldest = node->before;
	queue->len--;
	node->in = 0;
}

static void move(uint32_t key, uint8_t in)
{
	drop(key);
	add(key, in);
}

/* --- the classic ones --- */

static bool fifo(uint32_t key)
{
	if (nodes[key].in)
		return true;
	if (queues[1].len == size)
		drop(queues[1].oldest);
	add(key, 1);
	return false;
}

static bool lru(uint32_t key)
{
	if (!nodes[key].in)
		return fifo(key);
	move(key, 1);
	return true;
}

static uint32_t kept[KEYS_MAX];

static bool at_random(uint32_t key)
{
	if (nodes[key].in)
		return true;
	uint32_t at = queues[1].len;
	if (at == size) {
		at = (uint32_t)(chance() % size);
		drop(kept[at]);
	}
	kept[at] = key;
	add(key, 1);
	return false;
}

/* A heap by uses, then by when it was used last; nodes[].before is the place. */
static struct rank {
	uint64_t key;
	uint32_t whose;
} heap[KEYS_MAX];
static uint32_t heap_len;
static uint64_t heap_now;

static void heap_set(uint32_t at, struct rank item)
{
	heap[at] = item;
	nodes[item.whose].before = at;
}

static void heap_sink(uint32_t at, struct rank item)
{
	for (;;) {
		uint32_t below = at * 2 + 1;

		if (below + 1 < heap_len && heap[below + 1].key < heap[below].key)
			below++;
		if (below >= heap_len || heap[below].key >= item.key)
			break;
		heap_set(at, heap[below]);
		at = below;
	}
	heap_set(at, item);
}

static bool lfu(uint32_t key)
{
	struct node *node = &nodes[key];
	struct rank item = { .whose = key };

	item.key = (uint64_t)(node->in ? ++node->uses : (node->uses = 1)) << 32 | ++heap_now;
	if (node->in) {
		heap_sink(node->before, item);
		return true;
	}
	node->in = 1;
	if (heap_len == size) { /* the new one is in the place of the least */
		nodes[heap[0].whose].in = 0;
		heap_sink(0, item);
		return false;
	}
	uint32_t at = heap_len++;
	while (at != 0 && heap[(at - 1) / 2].key > item.key) {
		heap_set(at, heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	heap_set(at, item);
	return false;
}

/* --- SIEVE --- */

static uint32_t hand;

static void sieve_evict(void)
{
	uint32_t at = hand != NONE ? hand : queues[1].oldest;

	while (nodes[at].is_used) {
		nodes[at].is_used = false;
		at = nodes[at].before != NONE ? nodes[at].before : queues[1].oldest;
	}
	hand = nodes[at].before;
	drop(at);
}

static bool sieve(uint32_t key)
{
	if (nodes[key].in) {
		nodes[key].is_used = true;
		return true;
	}
	if (queues[1].len == size)
		sieve_evict();
	nodes[key].is_used = false;
	add(key, 1);
	return false;
}

/* --- S3-FIFO: 1 is small, 2 is main, 3 are ghosts --- */

static void s3_evict_main(void)
{
	for (;;) {
		uint32_t oldest = queues[2].oldest;

		if (nodes[oldest].uses == 0) {
			drop(oldest);
			return;
		}
		nodes[oldest].uses--;
		move(oldest, 2);
	}
}

static void s3_evict(void)
{
	while (queues[1].len >= size / 10 && queues[1].len != 0) {
		uint32_t oldest = queues[1].oldest;

		if (nodes[oldest].uses > 1) {
			nodes[oldest].uses = 0;
			move(oldest, 2);
			if (queues[2].len <= size - size / 10)
				continue;
			s3_evict_main();
			return;
		}
		move(oldest, 3);
		if (queues[3].len > size)
			drop(queues[3].oldest);
		return;
	}
	s3_evict_main();
}

static bool s3_fifo(uint32_t key)
{
	struct node *node = &nodes[key];

	if (node->in == 1 || node->in == 2) {
		node->uses += node->uses < 3;
		return true;
	}
	bool was = node->in == 3;
	if (was)
		drop(key);
	if (queues[1].len + queues[2].len >= size)
		s3_evict();
	node->uses = 0;
	add(key, was ? 2 : 1);
	return false;
}

/* --- W-TinyLFU: 1 is the window, 2 on probation, 3 protected --- */

static uint8_t counters[1 << 20];
static uint32_t counters_mask, counted;

static uint32_t place(uint32_t key, uint32_t i)
{
	uint64_t hash = (key + 1) * UINT64_C(0x9e3779b97f4a7c15);

	hash ^= hash >> 32;
	hash *= UINT64_C(0xd6e8feb86659fd93) + i * 2;
	return (uint32_t)(hash >> 32) & counters_mask;
}

static uint32_t often(uint32_t key)
{
	uint32_t least = 15;

	for (uint32_t i = 0; i < 4; i++)
		if (counters[place(key, i)] < least)
			least = counters[place(key, i)];
	return least;
}

static void count(uint32_t key)
{
	uint32_t least = often(key);

	for (uint32_t i = 0; i < 4 && least < 15; i++)
		if (counters[place(key, i)] == least)
			counters[place(key, i)]++;
	if (++counted < size * 10)
		return;
	counted /= 2;
	for (uint32_t i = 0; i <= counters_mask; i++)
		counters[i] /= 2;
}

static void tiny_begin(void)
{
	for (counters_mask = 1; counters_mask < size * 4; counters_mask *= 2) {
	}
	counters_mask--;
	memset(counters, 0, sizeof counters);
	counted = 0;
}

static void tiny_evict(void)
{
	uint32_t window = size / 100 ? size / 100 : 1;

	if (queues[1].len <= window) {
		drop(queues[2].len      ? queues[2].oldest
			: queues[3].len ? queues[3].oldest
					: queues[1].oldest);
		return;
	}
	uint32_t candidate = queues[1].oldest;
	uint32_t victim = queues[2].len ? queues[2].oldest : queues[3].oldest;
	if (victim != NONE && often(candidate) <= often(victim)) {
		drop(candidate);
		return;
	}
	move(candidate, 2);
	if (victim != NONE)
		drop(victim);
}

static bool tiny(uint32_t key)
{
	struct node *node = &nodes[key];
	uint32_t window = size / 100 ? size / 100 : 1;

	count(key);
	if (node->in == 1 || node->in == 3) {
		move(key, node->in);
		return true;
	}
	if (node->in == 2) {
		move(key, 3);
		if (queues[3].len > (size - window) * 8 / 10)
			move(queues[3].oldest, 2);
		return true;
	}
	add(key, 1);
	if (queues[1].len + queues[2].len + queues[3].len > size)
		tiny_evict();
	else if (queues[1].len > window)
		move(queues[1].oldest, 2);
	return false;
}

/* --- traces --- */

static double upto[KEYS];
static uint32_t names[KEYS];

static void make_zipf(double by)
{
	double sum = 0;

	for (uint32_t i = 0; i < KEYS; i++) {
		sum += 1 / pow(i + 1, by);
		upto[i] = sum;
		names[i] = i;
	}
}

static void shuffle(void)
{
	for (uint32_t i = KEYS - 1; i > 0; i--) {
		uint32_t other = (uint32_t)(chance() % (i + 1)), name = names[i];

		names[i] = names[other];
		names[other] = name;
	}
}

static uint32_t zipf(void)
{
	double x = (double)(chance() >> 11) / (double)(UINT64_C(1) << 53) * upto[KEYS - 1];
	uint32_t low = 0, high = KEYS - 1;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (upto[middle] < x)
			low = middle + 1;
		else
			high = middle;
	}
	return names[low];
}

static void zipf_of(double by)
{
	make_zipf(by);
	shuffle();
	for (uint32_t i = 0; i < LEN; i++)
		trace[i] = zipf();
}

static void zipf_07(void)
{
	zipf_of(0.7);
}

static void zipf_09(void)
{
	zipf_of(0.9);
}

static void zipf_11(void)
{
	zipf_of(1.1);
}

/* A third are keys that come once, 5000 in a row. */
static void scans(void)
{
	make_zipf(0.9);
	shuffle();
	for (uint32_t i = 0, once = KEYS; i < LEN; i++)
		trace[i] = i % 15000 < 10000 ? zipf() : once++;
}

/* Each key of twice the cache's size, in turn. */
static void loop(void)
{
	for (uint32_t i = 0; i < LEN; i++)
		trace[i] = i % (size * 2);
}

/* The same, and zipf in between. */
static void mixed_loop(void)
{
	make_zipf(0.9);
	shuffle();
	for (uint32_t i = 0, at = 0; i < LEN; i++)
		trace[i] = i & 1 ? zipf() : at++ % (size * 2);
}

/* All are others from time to time. */
static void shift(void)
{
	make_zipf(0.9);
	for (uint32_t i = 0; i < LEN; i++) {
		if (i % (LEN / 10) == 0)
			shuffle();
		trace[i] = zipf();
	}
}

/* Only what is new is asked for, 15 times each. */
static void news(void)
{
	for (uint32_t i = 0; i < LEN; i++)
		trace[i] = (uint32_t)(i / 15 + chance() % (size / 2)) % KEYS;
}

/* --- ours --- */

static struct cor_store *store;
static struct cor_arena arena;

static void open_ours(void)
{
	const struct cor_cache cache = {
		.name = "ours", .entries = size, .ttl_ms = COR_FOREVER, .value_bytes = 1024
	};

	if (cor_store_open(&cache, &store, NULL) < 0)
		abort();
}

static bool ours(uint32_t key)
{
	const struct cor_str text = { (const char *)&key, sizeof key };
	struct cor_item item = { .value = COR_STR("x") };

	if (key % 64 == 0)
		cor_arena_reset(&arena);
	if (cor_store_get(store, text, &arena, &item) == 0)
		return true;
	if (cor_store_put(store, text, &item, COR_PUT_ALWAYS) < 0)
		abort();
	return false;
}

/* --- the table --- */

static double share(bool (*policy)(uint32_t key))
{
	uint32_t found = 0;

	empty();
	heap_len = 0;
	heap_now = 0;
	hand = NONE;
	tiny_begin();
	for (uint32_t i = 0; i < LEN; i++)
		found += policy(trace[i]);
	return 100.0 * found / LEN;
}

static void print_row(const char *name, void (*make)(void))
{
	static bool (*const policies[])(
		uint32_t key) = { lru, lfu, fifo, at_random, sieve, tiny, s3_fifo };

	make();
	printf("| %s |", name);
	for (size_t i = 0; i < sizeof policies / sizeof *policies; i++)
		printf(" %.1f |", share(policies[i]));
	open_ours();
	printf(" **%.1f** |\n", share(ours));
	cor_store_close(store);
}

int main(void)
{
	for (uint32_t of = 100; of >= 10; of /= 10) {
		size = KEYS / of;
		printf("| %u %% of the keys | LRU | LFU | FIFO | random | SIEVE | W-TinyLFU | S3-FIFO | **as usual** |\n",
			100 / of);
		printf("|---|---|---|---|---|---|---|---|---|\n");
		print_row("zipf 0.7", zipf_07);
		print_row("zipf 0.9", zipf_09);
		print_row("zipf 1.1", zipf_11);
		print_row("zipf 0.9, a third are scans", scans);
		print_row("loop of twice the cache", loop);
		print_row("that loop and zipf 0.9", mixed_loop);
		print_row("zipf 0.9, other keys ten times", shift);
		print_row("only what is new", news);
	}
	cor_arena_finish(&arena);
	return 0;
}
