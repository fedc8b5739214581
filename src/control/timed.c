/* SPDX-License-Identifier: MIT */
/* What the service has timed: in /metrics, and as JSON in /timed. */
#include "control/timed.h"

#include <errno.h>
#include <string.h>

#include "figures/timed.h"
#include "service/timings.h"

/* All writers of a name, added up. */
static struct cor_timed_total total_of(
	const struct cor_ledger *ledger, const struct cor_ledger_row *row)
{
	uint32_t len = cor_ledger_blocks_len(ledger);
	struct cor_timed_total total = { 0 };

	for (uint32_t i = 0; i < len; i++)
		cor_timed_total_add(&total, cor_timed_cells_at(&ledger->blocks[i], row));
	return total;
}

/* --- /metrics --- */

static void write_histogram(
	struct cor_exposition *e, const char *name, const struct cor_timed_sum *sum)
{
	static const char *const bounds[] = { "1e-06", "2.5e-06", "5e-06", "1e-05", "2.5e-05",
		"5e-05", "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025",
		"0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf" };
	_Static_assert(
		sizeof bounds / sizeof bounds[0] == COR_TIMED_BOUNDS + 1, "one for each cell");
	struct cor_label labels[] = { { "function", cor_str(name) }, { .name = "le" } };
	uint64_t below = 0;

	for (size_t i = 0; i <= COR_TIMED_BOUNDS; i++) {
		below += sum->cells[i];
		labels[1].value = cor_str(bounds[i]);
		cor_exposition_count(e, "_bucket", (struct cor_labels){ labels, 2 }, below);
	}
	cor_exposition_count(e, "_count", (struct cor_labels){ labels, 1 }, below);
	cor_exposition_number(e, "_sum", (struct cor_labels){ labels, 1 }, (double)sum->sum / 1e9);
}

static void write_family(const struct cor_ledger *ledger, struct cor_exposition *e, bool is_thread)
{
	for (uint32_t i = 0; i < cor_ledger_rows_len(ledger); i++) {
		const struct cor_timed_total total = total_of(ledger, &ledger->rows[i]);
		write_histogram(e, ledger->rows[i].name, is_thread ? &total.thread : &total.wall);
	}
}

static void write_errors(const struct cor_ledger *ledger, struct cor_exposition *e)
{
	for (uint32_t i = 0; i < cor_ledger_rows_len(ledger); i++) {
		struct cor_label label = { "function", cor_str(ledger->rows[i].name) };
		cor_exposition_count(e, "_total", (struct cor_labels){ &label, 1 },
			total_of(ledger, &ledger->rows[i]).errors);
	}
}

static void write_lost(const struct cor_ledger *ledger, struct cor_exposition *e)
{
	uint64_t lost = 0;

	for (uint32_t i = 0; i < cor_ledger_blocks_len(ledger); i++)
		lost += cor_counter_read(&ledger->blocks[i].cells[0]);
	cor_exposition_family(e, "coracle_timed_lost", COR_FAMILY_COUNTER,
		"Calls that were timed by a name that had no place: there are too many names.");
	cor_exposition_count(e, "_total", (struct cor_labels){ 0 }, lost);
}

void cor_control_write_timed(struct cor_ctx *ctx, struct cor_exposition *e)
{
	const struct cor_ledger *ledger = cor_control_of(ctx)->timed;

	if (cor_ledger_rows_len(ledger) == 0)
		return;
	cor_exposition_family(
		e, "coracle_timed_seconds", COR_FAMILY_HISTOGRAM, "How long timed functions took.");
	write_family(ledger, e, false);
	cor_exposition_family(e, "coracle_timed_thread_seconds", COR_FAMILY_HISTOGRAM,
		"Of that, how long they had their thread, and did not wait.");
	write_family(ledger, e, true);
	cor_exposition_family(e, "coracle_timed_errors", COR_FAMILY_COUNTER,
		"Calls of timed functions that recorded a problem.");
	write_errors(ledger, e);
	write_lost(ledger, e);
}

/* --- /timed --- */

struct function {
	const char *name;
	uint64_t count, errors;
	struct cor_times wall, thread;
};

struct functions {
	cor_array(struct function) items;
};

static const struct cor_field times_fields[] = {
	COR_FIELD(struct cor_times, sum),
	COR_FIELD(struct cor_times, min),
	COR_FIELD(struct cor_times, max),
	COR_FIELD(struct cor_times, p50,
		.doc = "So long took half of them; guessed between two bounds"),
	COR_FIELD(struct cor_times, p95),
	COR_FIELD(struct cor_times, p99),
};
COR_LOCAL_SCHEMA(
	times_schema, struct cor_times, times_fields, .name = "times", .doc = "Nanoseconds");

static const struct cor_field function_fields[] = {
	COR_FIELD(struct function, name),
	COR_FIELD(struct function, count),
	COR_FIELD(struct function, errors, .doc = "Of them, those that recorded a problem"),
	COR_OBJECT(struct function, wall, times_schema, .doc = "The time that passed"),
	COR_OBJECT(struct function, thread, times_schema, .doc = "The time on the thread"),
};
COR_LOCAL_SCHEMA(function_schema, struct function, function_fields, .name = "timed_function");

static const struct cor_field functions_fields[] = {
	COR_OBJECT_ARRAY(struct functions, items, function_schema, .key = "functions"),
};
COR_LOCAL_SCHEMA(functions_schema, struct functions, functions_fields, .name = "timed_functions");

static int get_timed(struct cor_ctx *ctx, const struct cor_none *in, struct functions *out)
{
	const struct cor_ledger *ledger = cor_control_of(ctx)->timed;
	uint32_t len = cor_ledger_rows_len(ledger);

	(void)in;
	out->items.items = cor_alloc(ctx, len * sizeof *out->items.items);
	if (!out->items.items)
		return -ENOMEM;
	for (uint32_t i = 0; i < len; i++) {
		const struct cor_timed_total total = total_of(ledger, &ledger->rows[i]);
		const struct cor_timed timed = cor_timed_of(&total);
		if (timed.count != 0)
			out->items.items[out->items.len++] = (struct function){
				.name = ledger->rows[i].name,
				.count = timed.count,
				.errors = timed.errors,
				.wall = timed.wall,
				.thread = timed.thread,
			};
	}
	return 0;
}
COR_OPERATION(timed_operation, get_timed, COR_NONE, functions_schema,
	.summary = "How long what the service times takes");

const struct cor_resource cor_control_timed = { .path = "/timed", .get = &timed_operation };
