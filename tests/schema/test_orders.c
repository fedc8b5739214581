/* SPDX-License-Identifier: MIT */
/*
 * A round trip of a thousand orders of the shared data. CORACLE_SHARED says where that data is
 * (default: ../shared next to the source); without it, the test is skipped and says so.
 */
#include <unistd.h>

#include "order.h"
#include "trial.h"

#define PATH_BYTES 4096

static void orders_path(char path[PATH_BYTES])
{
	const char *shared = getenv("CORACLE_SHARED");

	snprintf(path, PATH_BYTES, "%s/bench/orders.ndjson",
		shared ? shared : SOURCE_ROOT "/../shared");
}

/* The encoder writes 12 as 12.0 where the member is a double: compare what is decoded again. */
static void check_order(struct trial *trial, const char *line)
{
	struct order order, again;

	assert_int_equal(trial_decode(trial, &order_schema.schema, &order, line), 0);
	const char *text = trial_encode(trial, &order_schema.schema, &order);
	assert_non_null(text);
	assert_int_equal(trial_decode(trial, &order_schema.schema, &again, text), 0);
	assert_string_equal(trial_encode(trial, &order_schema.schema, &again), text);
	assert_int_equal(order.id, again.id);
	assert_int_equal(order.items.len, again.items.len);
	assert_int_equal(memcmp(&order.created, &again.created, sizeof order.created), 0);
	for (size_t i = 0; i < order.items.len; i++)
		assert_true(order.items.items[i].price == again.items.items[i].price);
}

static void there_and_back(void **state)
{
	char path[PATH_BYTES];
	struct trial trial;
	size_t count = 0, exact = 0;
	char *line = NULL;
	size_t bytes = 0;
	ssize_t len;

	(void)state;
	orders_path(path);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(trial_begin(&trial, &order_schema.schema), 0);
	while ((len = getline(&line, &bytes, file)) > 0) {
		struct order order;
		line[strcspn(line, "\n")] = '\0';
		check_order(&trial, line);
		assert_int_equal(trial_decode(&trial, &order_schema.schema, &order, line), 0);
		exact += strcmp(trial_encode(&trial, &order_schema.schema, &order), line) == 0;
		count++;
	}
	assert_int_equal(count, 1000);
	assert_true(exact > 900); /* all but those with a whole number in a double, byte for byte */
	free(line);
	fclose(file);
	trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
	};

	/* cmocka's own skip() is "not ok" in TAP, which meson takes for a failure. */
	char path[PATH_BYTES];
	orders_path(path);
	if (access(path, R_OK) != 0) {
		printf("1..0 # SKIP no %s (set CORACLE_SHARED)\n", path);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
