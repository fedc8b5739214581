/* SPDX-License-Identifier: MIT */
/* Rows by name, blocks by thread, and the sum of several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "figures/board.h"
#include "segment/segment.h"

#define MS INT64_C(1000000)

static struct cor_segment segment;
static struct cor_board *board;

static int set_up(void **state)
{
	const struct cor_region_options options = {
		.name = "figures", .bytes = sizeof *board, .init = cor_board_init
	};
	void *region;

	(void)state;
	assert_int_equal(cor_segment_create(sizeof *board + 8192, &segment), 0);
	assert_int_equal(cor_segment_region(&segment, &options, &region), 0);
	board = region;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	cor_segment_detach(&segment);
	return 0;
}

static void rows_are_found_by_name(void **state)
{
	(void)state;
	uint32_t books = cor_board_row(board, "GET /books");
	assert_int_equal(books, 1);
	assert_int_equal(cor_board_row(board, "POST /books"), 2);
	assert_int_equal(cor_board_row(board, "GET /books"), books);
	assert_int_equal(cor_board_rows_len(board), 3);
	assert_string_equal(board->names[0], "other");
}

static void what_finds_no_room_is_counted_with_the_rest(void **state)
{
	char name[COR_ROW_NAME_BYTES + 1];

	(void)state;
	for (uint32_t row = 1; row < COR_ROWS_MAX; row++) {
		snprintf(name, sizeof name, "GET /%u", row);
		assert_int_equal(cor_board_row(board, name), row);
	}
	assert_int_equal(cor_board_row(board, "GET /one-more"), 0);
	memset(name, 'x', sizeof name);
	name[COR_ROW_NAME_BYTES] = '\0';
	assert_int_equal(cor_board_row(board, name), 0);
}

static void blocks_are_a_slots_and_a_threads(void **state)
{
	struct cor_block *first, *second, *again, *other;

	(void)state;
	assert_int_equal(cor_board_block(board, 3, 0, &first), 0);
	assert_int_equal(cor_board_block(board, 3, 1, &second), 0);
	assert_ptr_not_equal(first, second);
	uint32_t row = cor_board_row(board, "GET /books");
	cor_figures_answer(&first->rows[row], 200);
	cor_gauge_move(&first->rows[row].waiting, 1);
	cor_gauge_move(&second->rows[row].waiting, 1);
	assert_int_equal(cor_board_block(board, 4, 0, &other), 0);
	cor_gauge_move(&other->rows[row].waiting, 1);
	/* its successor counts on, and has nothing in flight, even if it has fewer threads */
	cor_board_begin(board, 3);
	assert_int_equal(cor_gauge_read(&second->rows[row].waiting), 0);
	assert_int_equal(cor_gauge_read(&other->rows[row].waiting), 1);
	assert_int_equal(cor_board_block(board, 3, 0, &again), 0);
	assert_ptr_equal(again, first);
	assert_int_equal(cor_block_answers(board, again), 1);
	assert_int_equal(again->answers_before, 1);
	assert_int_equal(cor_gauge_read(&again->rows[row].waiting), 0);
}

static void blocks_run_out(void **state)
{
	struct cor_block *block;

	(void)state;
	atomic_store(&board->blocks_len, COR_BLOCKS_MAX);
	assert_int_equal(cor_board_block(board, 1, 1, &block), -ENOSPC);
}

static void answers_fall_into_cells(void **state)
{
	static const int64_t took_ns[] = { 1, MS / 2, MS / 2 + 1, MS, 9 * MS, 10000 * MS,
		10000 * MS + 1, INT64_MAX };
	static const size_t cells[] = { 0, 0, 1, 1, 4, 13, 14, 14 };
	struct cor_request_figures figures = { 0 };
	struct cor_request_total total = { 0 }, wanted = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof took_ns / sizeof took_ns[0]; i++) {
		cor_figures_answer(&figures, 200);
		cor_figures_slow(&figures, took_ns[i]);
		wanted.cells[cells[i]]++;
	}
	cor_figures_answer(&figures, 404); /* a quick one */
	wanted.cells[0]++;
	cor_request_total_add(&total, &figures);
	assert_int_equal(total.count, 9);
	assert_int_equal(total.by_class[2], 8);
	assert_int_equal(total.by_class[4], 1);
	assert_memory_equal(total.cells, wanted.cells, sizeof total.cells);
	cor_request_total_add(&total, &figures);
	assert_int_equal(total.count, 18);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_are_found_by_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_finds_no_room_is_counted_with_the_rest, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			blocks_are_a_slots_and_a_threads, set_up, tear_down),
		cmocka_unit_test_setup_teardown(blocks_run_out, set_up, tear_down),
		cmocka_unit_test(answers_fall_into_cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
