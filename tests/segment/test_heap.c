/* SPDX-License-Identifier: MIT */
/* A heap in shared memory: blocks do not overlap, none is lost, and an owner may die anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "segment/counter.h"
#include "segment/heap.h"
#include "segment/lock.h"
#include "segment/segment.h"
#include "steps.h"

#define BYTES        2048
#define BLOCKS       8   /* of a fragmented heap */
#define SMALL        100 /* bytes of the first of them */
#define FIRST_HEADER 40  /* its offset */

struct shelf {
	struct cor_lock lock;
	uint64_t blocks[BLOCKS];
	struct cor_heap heap;
};

static struct cor_segment segment;
static struct shelf *shelf;
static struct cor_heap *heap;

static int init_shelf(void *region, size_t bytes)
{
	struct shelf *made = region;
	int rc = cor_lock_init(&made->lock);

	return rc < 0 ? rc : cor_heap_init(&made->heap, bytes - offsetof(struct shelf, heap));
}

static const struct cor_region_options shelf_options = {
	.name = "shelf", .bytes = BYTES, .init = init_shelf
};

static int make_shelf(void **state)
{
	void *region;

	(void)state;
	cor_segment_detach(&segment);
	assert_int_equal(cor_segment_create(65536, &segment), 0);
	assert_int_equal(cor_segment_region(&segment, &shelf_options, &region), 0);
	shelf = region;
	heap = &shelf->heap;
	return 0;
}

/* A block filled with its own byte. */
static uint64_t filled_block(size_t bytes)
{
	uint64_t offset = cor_heap_alloc(heap, bytes);

	if (offset != 0) {
		assert_int_equal(offset % COR_HEAP_ALIGN, 0);
		assert_true(cor_heap_room(heap, offset) >= bytes);
		memset(cor_heap_at(heap, offset), (int)(offset / 16 % 251), bytes);
	}
	return offset;
}

static void check_filled(uint64_t offset, size_t bytes)
{
	const unsigned char *data = cor_heap_at(heap, offset);

	for (size_t i = 0; i < bytes; i++)
		assert_int_equal(data[i], offset / 16 % 251);
}

static void test_size(void **state)
{
	_Alignas(16) char memory[128];
	struct cor_heap *small = (struct cor_heap *)memory;

	(void)state;
	assert_int_equal(cor_heap_init(small, COR_HEAP_BYTES_MIN - 1), -EINVAL);
	assert_int_equal(cor_heap_init(small, COR_HEAP_BYTES_MAX + 1), -EINVAL);
	assert_int_equal(cor_heap_init((struct cor_heap *)(memory + 8), 64), -EINVAL);
	for (size_t bytes = COR_HEAP_BYTES_MIN; bytes <= sizeof memory; bytes++) {
		memset(memory, 0x5a, sizeof memory);
		assert_int_equal(cor_heap_init(small, bytes), 0);
		uint64_t offset = cor_heap_alloc(small, 8);
		assert_int_equal(offset, 48);
		size_t room = 8;
		while (cor_heap_alloc(small, 8) != 0)
			room += 16;
		assert_true(offset + room <= bytes && offset + room + 16 > bytes);
		for (size_t i = bytes; i < sizeof memory; i++)
			assert_int_equal(memory[i], 0x5a);
	}
}

static void test_full(void **state)
{
	size_t bytes = heap->end - FIRST_HEADER - 8;

	(void)state;
	assert_int_equal(cor_heap_alloc(heap, 0), 0);
	assert_int_equal(cor_heap_alloc(heap, SIZE_MAX), 0);
	assert_int_equal(cor_heap_alloc(heap, bytes + 1), 0);
	uint64_t all = filled_block(bytes);
	assert_int_equal(cor_heap_room(heap, all), bytes);
	assert_int_equal(cor_counter_read(&heap->used_bytes), bytes + 8);
	assert_int_equal(cor_heap_alloc(heap, 1), 0);
	assert_int_equal(cor_heap_free(heap, all), 0);
	assert_int_equal(cor_counter_read(&heap->used_bytes), 0);
	assert_true(filled_block(1) != 0);
}

static void check_figures(void)
{
	uint64_t bytes = 0, blocks = 0, at = 0;

	while ((at = cor_heap_next(heap, at)) != 0) {
		bytes += cor_heap_room(heap, at) + 8;
		blocks++;
	}
	assert_int_equal(cor_counter_read(&heap->used_bytes), bytes);
	assert_int_equal(cor_counter_read(&heap->used_blocks), blocks);
}

/* Whatever is taken and given back, nothing overlaps, and in the end all is one block again. */
static void test_many_blocks(void **state)
{
	struct {
		uint64_t offset;
		size_t bytes;
	} kept[64] = { 0 };
	int full = 0;

	(void)state;
	srand(7);
	for (int i = 0; i < 20000; i++) {
		size_t at = (size_t)rand() % 64;
		if (kept[at].offset == 0) {
			kept[at].bytes = 1 + (size_t)rand() % 60;
			kept[at].offset = filled_block(kept[at].bytes);
			full += kept[at].offset == 0;
			continue;
		}
		check_filled(kept[at].offset, kept[at].bytes);
		assert_int_equal(cor_heap_free(heap, kept[at].offset), 0);
		kept[at].offset = 0;
		if (i % 100 == 0)
			check_figures();
	}
	assert_true(full > 100);
	for (int i = 0; i < 64; i++)
		if (kept[i].offset)
			assert_int_equal(cor_heap_free(heap, kept[i].offset), 0);
	assert_int_equal(cor_counter_read(&heap->used_blocks), 0);
	assert_true(cor_heap_alloc(heap, heap->end - FIRST_HEADER - 8) != 0);
}

static void test_another_mapping(void **state)
{
	struct cor_segment other;
	void *region;

	(void)state;
	uint64_t offset = filled_block(40);
	assert_int_equal(cor_segment_attach(dup(segment.fd), &other), 0);
	assert_int_equal(cor_segment_region(&other, &shelf_options, &region), 0);
	struct cor_heap *there = &((struct shelf *)region)->heap;
	assert_ptr_not_equal(there, heap);
	assert_memory_equal(cor_heap_at(there, offset), cor_heap_at(heap, offset), 40);
	assert_int_equal(cor_heap_free(there, offset), 0);
	assert_int_equal(cor_counter_read(&heap->used_blocks), 0);
	cor_segment_detach(&other);
}

/* A defect of the caller's: an assertion, or without those a code and nothing done. */
static void refuses_to_free(uint64_t offset)
{
#ifdef NDEBUG
	assert_int_equal(cor_heap_free(heap, offset), -EINVAL);
#else
	int status;
	pid_t child = fork();

	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
		signal(SIGABRT, SIG_DFL);
		close(STDERR_FILENO);
		cor_heap_free(heap, offset);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
#endif
	check_figures();
}

static void test_what_is_not_a_block(void **state)
{
	(void)state;
	uint64_t one = filled_block(100), two = filled_block(100), three = filled_block(100);
	refuses_to_free(0);
	refuses_to_free(1);
	refuses_to_free(8);
	refuses_to_free(one + 1);
	refuses_to_free(one + 16);
	refuses_to_free(heap->end);
	refuses_to_free(heap->end + 8);
	refuses_to_free(UINT64_MAX);
	assert_int_equal(cor_heap_free(heap, two), 0);
	refuses_to_free(two);
	assert_int_equal(cor_heap_free(heap, one), 0);
	refuses_to_free(one);
	refuses_to_free(two); /* now inside a larger one */
	check_filled(three, 100);
	assert_int_equal(cor_heap_room(heap, two), 0);
	assert_int_equal(cor_heap_next(heap, two), 0);
}

static void test_a_header_that_is_written_over(void **state)
{
	(void)state;
	uint64_t one = filled_block(100), two = filled_block(100);
	assert_int_equal(cor_heap_repair(heap), 0);
	memset(cor_heap_at(heap, one), 0xff, 200);
	assert_int_equal(cor_heap_repair(heap), -EUCLEAN);
	assert_int_equal(cor_heap_next(heap, one), 0);
	assert_int_equal(cor_heap_room(heap, two), 0);
	assert_int_equal(cor_heap_init(heap, BYTES - offsetof(struct shelf, heap)), 0);
	assert_int_equal(cor_heap_repair(heap), 0);
	assert_true(filled_block(1500) != 0);
}

static int repair_heap(void *arg)
{
	return cor_heap_repair(arg);
}

static void take(void)
{
	assert_int_equal(cor_lock_take(&shelf->lock, repair_heap, heap), 0);
}

static void give(void)
{
	cor_lock_give(&shelf->lock);
}

/*
 * Eight blocks in a row that is full, of which 2, 4 and 5 have been given back again, each by
 * itself. The search starts at 5.
 */
static void make_fragmented(void)
{
	make_shelf(NULL);
	for (size_t i = 0; i < BLOCKS; i++)
		shelf->blocks[i] = filled_block(SMALL + i);
	for (size_t bytes = BYTES; bytes > 0; bytes /= 2)
		filled_block(bytes);
	assert_int_equal(cor_counter_read(&heap->used_bytes), heap->end - FIRST_HEADER);
	assert_int_equal(cor_heap_free(heap, shelf->blocks[4]), 0);
	assert_int_equal(filled_block(SMALL), shelf->blocks[4]);
	assert_int_equal(cor_heap_free(heap, shelf->blocks[2]), 0);
	assert_int_equal(cor_heap_free(heap, shelf->blocks[4]), 0);
	assert_int_equal(cor_heap_free(heap, shelf->blocks[5]), 0);
}

/* Goes past 5 and 2, which are too small, takes 4 and 5 as one, and leaves some of it over. */
static void alloc_in_the_gap(void)
{
	take();
	uint64_t offset = cor_heap_alloc(heap, 2 * SMALL);
	if (offset == shelf->blocks[4])
		memset(cor_heap_at(heap, offset), 0xff, 2 * SMALL);
	give();
}

/* What is free can be taken, to the last unit. */
static void check_room(void)
{
	uint64_t filled[BYTES / 16];
	size_t len = 0;

	while ((filled[len] = cor_heap_alloc(heap, 1)) != 0)
		len++;
	assert_int_equal(cor_counter_read(&heap->used_bytes), heap->end - FIRST_HEADER);
	while (len-- > 0)
		assert_int_equal(cor_heap_free(heap, filled[len]), 0);
}

/* The others are as they were, and the changed one is there as a whole or not at all. */
static void check_heap(size_t changed, size_t bytes)
{
	static const size_t kept[] = { 0, 1, 3, 6, 7 };

	take();
	check_figures();
	uint64_t blocks = cor_counter_read(&heap->used_blocks);
	size_t room = cor_heap_room(heap, shelf->blocks[changed]);
	assert_true(room == 0 || room >= bytes);
	check_room();
	assert_int_equal(cor_heap_repair(heap), 0);
	check_figures();
	assert_int_equal(cor_counter_read(&heap->used_blocks), blocks);
	assert_int_equal(cor_heap_room(heap, shelf->blocks[changed]), room);
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		if (kept[i] != changed)
			check_filled(shelf->blocks[kept[i]], SMALL + kept[i]);
	give();
}

static void check_alloc(void)
{
	check_heap(4, 2 * SMALL);
}

static void test_killed_at_each_step_of_an_alloc(void **state)
{
	const struct scene scene = { make_fragmented, alloc_in_the_gap, check_alloc, &segment, 5 };

	(void)state;
	print_message("# %ld instructions of an allocation\n", kill_at_each_step(&scene));
}

/* Gives 3 back, after which 4 and 5 are free. */
static void free_before_the_gap(void)
{
	take();
	if (cor_heap_room(heap, shelf->blocks[3]) != 0)
		cor_heap_free(heap, shelf->blocks[3]);
	give();
}

static void check_free(void)
{
	check_heap(3, SMALL + 3);
}

static void test_killed_at_each_step_of_a_free(void **state)
{
	const struct scene scene = { make_fragmented, free_before_the_gap, check_free, &segment,
		5 };

	(void)state;
	print_message("# %ld instructions of a free\n", kill_at_each_step(&scene));
}

static int release(void **state)
{
	(void)state;
	cor_segment_detach(&segment);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_size),
		cmocka_unit_test_setup(test_full, make_shelf),
		cmocka_unit_test_setup(test_many_blocks, make_shelf),
		cmocka_unit_test_setup(test_another_mapping, make_shelf),
		cmocka_unit_test_setup(test_what_is_not_a_block, make_shelf),
		cmocka_unit_test_setup(test_a_header_that_is_written_over, make_shelf),
		cmocka_unit_test_setup(test_killed_at_each_step_of_an_alloc, make_shelf),
		cmocka_unit_test_setup(test_killed_at_each_step_of_a_free, make_shelf),
	};

	return _cmocka_run_group_tests(
		"tests", tests, tests_to_run(sizeof tests / sizeof tests[0], 2), NULL, release);
}
