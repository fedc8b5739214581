/* SPDX-License-Identifier: MIT */
/* Families and samples in both formats, and label values with whatever bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/exposition.h"

static void write_some(struct cor_exposition *exposition)
{
	const struct cor_label label = { "route", COR_STR("/a\"b\\c\nd") };

	cor_exposition_family(
		exposition, "books_sold", COR_FAMILY_COUNTER, "Sold,\n\"all\" of them.");
	cor_exposition_count(
		exposition, "_total", (struct cor_labels){ &label, 1 }, 18446744073709551615u);
	cor_exposition_family(exposition, "shelf", COR_FAMILY_INFO, "Which.");
	cor_exposition_count(exposition, "_info", (struct cor_labels){ 0 }, 1);
	cor_exposition_family(exposition, "load", COR_FAMILY_GAUGE, "Now.");
	cor_exposition_number(exposition, "", (struct cor_labels){ 0 }, -0.5);
	cor_exposition_end(exposition);
}

static void check(bool is_open, const char *wanted)
{
	struct cor_buffer buffer = { 0 };
	struct cor_exposition exposition = { .buffer = &buffer, .is_open = is_open };

	write_some(&exposition);
	cor_buffer_byte(&buffer, '\0');
	assert_int_equal(cor_buffer_error(&buffer), 0);
	assert_string_equal(buffer.data, wanted);
	cor_buffer_finish(&buffer);
}

static void text_format(void **state)
{
	(void)state;
	check(false, "# TYPE books_sold_total counter\n"
		     "# HELP books_sold_total Sold,\\n\"all\" of them.\n"
		     "books_sold_total{route=\"/a\\\"b\\\\c\\nd\"} 18446744073709551615\n"
		     "# TYPE shelf_info gauge\n"
		     "# HELP shelf_info Which.\n"
		     "shelf_info 1\n"
		     "# TYPE load gauge\n"
		     "# HELP load Now.\n"
		     "load -0.5\n");
}

static void open_metrics(void **state)
{
	(void)state;
	check(true, "# TYPE books_sold counter\n"
		    "# HELP books_sold Sold,\\n\\\"all\\\" of them.\n"
		    "books_sold_total{route=\"/a\\\"b\\\\c\\nd\"} 18446744073709551615\n"
		    "# TYPE shelf info\n"
		    "# HELP shelf Which.\n"
		    "shelf_info 1\n"
		    "# TYPE load gauge\n"
		    "# HELP load Now.\n"
		    "load -0.5\n"
		    "# EOF\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_format),
		cmocka_unit_test(open_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
