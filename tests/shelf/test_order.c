/* SPDX-License-Identifier: MIT */
/* As usual finds at least as much as the classic orders: bench/policies.c has more traces. */
#include "stores.h"

#define KEYS    4096
#define ENTRIES 200
#define GETS    60000

static uint64_t chance_state;

static uint32_t chance(uint32_t below)
{
	chance_state ^= chance_state << 13;
	chance_state ^= chance_state >> 7;
	chance_state ^= chance_state << 17;
	return (uint32_t)(chance_state >> 20) % below;
}

/* Few are asked for often. */
static uint32_t skewed(uint32_t i)
{
	uint64_t x = chance(KEYS);

	(void)i;
	return (uint32_t)(x * x / KEYS * x / KEYS * x / KEYS);
}

/* In between, many that never come back. */
static uint32_t scanned(uint32_t i)
{
	return i % 1500 < 1000 ? skewed(i) : KEYS + i;
}

/* Others are asked for often from time to time. */
static uint32_t shifted(uint32_t i)
{
	return skewed(i) + i / (GETS / 5) * KEYS;
}

static uint32_t in_turn(uint32_t i)
{
	return i % (ENTRIES * 2);
}

static uint32_t found(enum cor_eviction evicts, uint32_t (*next)(uint32_t i))
{
	uint32_t hits = 0;

	chance_state = 88172645463325252;
	open_store(&(struct cor_cache){ .name = "order", .entries = ENTRIES, .evicts = evicts });
	for (uint32_t i = 0; i < GETS; i++) {
		char key[16];

		snprintf(key, sizeof key, "%u", next(i));
		if (get(key))
			hits++;
		else
			assert_int_equal(put(key, "1"), 0);
		if (i % 256 == 0)
			cor_arena_reset(&arena);
	}
	close_store();
	return hits;
}

static void as_usual_finds_as_much_as_any(void **state)
{
	static uint32_t (*const traces[])(uint32_t i) = { skewed, scanned, shifted, in_turn };

	(void)state;
	for (size_t i = 0; i < sizeof traces / sizeof *traces; i++) {
		uint32_t usual = found(COR_EVICT_AS_USUAL, traces[i]);

		print_message("# figure: %u", usual);
		for (enum cor_eviction evicts = COR_EVICT_LRU; evicts <= COR_EVICT_RANDOM;
			evicts++) {
			uint32_t other = found(evicts, traces[i]);

			print_message(", %u", other);
			assert_true(usual + GETS / 200 >= other);
		}
		print_message(" of %d\n", GETS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(as_usual_finds_as_much_as_any) };
	int failed;

	enter_clock();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	leave_clock();
	return failed;
}
