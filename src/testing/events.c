/* SPDX-License-Identifier: MIT */
/* JSON Lines, for the programs that run tests: an object for each event. */
#include <stdlib.h>
#include <string.h>

#include <coracle/arena.h>
#include <coracle/clock.h>
#include <coracle/json_write.h>

#include "testing/clean.h"
#include "testing/events.h"
#include "testing/report.h"
#include "testing/service_operations.h"

#define NS_PER_MS 1e6

struct event {
	struct cor_arena arena;
	struct cor_json_writer *writer;
};

static void open_event(struct event *event, const char *name)
{
	cor_arena_init(&event->arena, NULL, 0, 0);
	event->writer = cor_write_begin(&event->arena, NULL);
	cor_write_object(event->writer);
	cor_write_key(event->writer, "event");
	cor_write_string(event->writer, name);
}

static void put_bytes(struct event *event, const char *key, const char *text, size_t len)
{
	char *clean = cor_clean(text, len);

	cor_write_key(event->writer, key);
	cor_write_string(event->writer, clean);
	free(clean);
}

static void put_text(struct event *event, const char *key, const char *text)
{
	put_bytes(event, key, text, strlen(text));
}

static void put_number(struct event *event, const char *key, int64_t number)
{
	cor_write_key(event->writer, key);
	cor_write_int64(event->writer, number);
}

static void close_event(struct event *event, FILE *out)
{
	struct cor_str text;

	cor_write_end(event->writer);
	if (cor_write_finish(event->writer, &text) == 0) {
		fwrite(text.data, 1, text.len, out);
		fputc('\n', out);
	}
	cor_arena_finish(&event->arena);
}

/* --- the run --- */

static void begin(struct cor_report *report)
{
	struct event event;

	open_event(&event, "run");
	put_text(&event, "suite", report->runner->suite->name);
	put_number(&event, "tests", (int64_t)report->runner->plan.len);
	if (report->is_shuffled)
		put_number(&event, "seed", report->seed);
	close_event(&event, report->out);
}

static void end(struct cor_report *report)
{
	const struct cor_totals *totals = &report->totals;
	struct event event;

	open_event(&event, "done");
	put_number(&event, "tests", totals->tests);
	put_number(&event, "failures", totals->failures);
	put_number(&event, "errors", totals->errors);
	put_number(&event, "skipped", totals->skipped);
	put_number(&event, "expected_failures", totals->expected_failures);
	put_number(&event, "unexpected_successes", totals->unexpected_successes);
	put_number(&event, "status", cor_report_status(report));
	cor_write_key(event.writer, "ms");
	cor_write_double(event.writer, (double)(cor_monotonic_ns() - report->begun_ns) / NS_PER_MS);
	close_event(&event, report->out);
}

/* --- tests --- */

static void put_place(struct event *event, const struct cor_item *item)
{
	put_text(event, "file", item->test->file ? item->test->file : "");
	put_number(event, "line", item->test->line);
}

static void begun(struct cor_report *report, size_t index)
{
	const struct cor_item *item = &report->runner->plan.items[index];
	struct event event;

	open_event(&event, "begin");
	put_text(&event, "test", item->name);
	put_place(&event, item);
	close_event(&event, report->out);
}

void cor_events_list(const struct cor_plan *plan, FILE *out)
{
	for (size_t i = 0; i < plan->len; i++) {
		struct event event;
		open_event(&event, "test");
		put_text(&event, "test", plan->items[i].name);
		put_place(&event, &plan->items[i]);
		close_event(&event, out);
	}
}

/* What the service of a test has answered, and how. */
static void put_operations(struct event *event, const struct cor_outcome *outcome)
{
	struct cor_seen_operation seen;
	size_t at = 0;

	cor_write_key(event->writer, "operations");
	cor_write_array(event->writer);
	while (cor_operations_next(outcome, &at, &seen)) {
		cor_write_object(event->writer);
		put_bytes(event, "method", seen.method.data, seen.method.len);
		put_bytes(event, "operation", seen.operation.data, seen.operation.len);
		put_number(event, "status", strtol(seen.status.data, NULL, 10));
		cor_write_end(event->writer);
	}
	cor_write_end(event->writer);
}

/* The place is that of the first failure; else where the table has the test. */
static void ended(struct cor_report *report, size_t index)
{
	const struct cor_outcome *outcome = &report->runner->outcomes[index];
	char buffer[256];
	struct event event;

	open_event(&event, "end");
	put_text(&event, "test", cor_report_name(report, index, buffer, sizeof buffer));
	cor_write_key(event.writer, "fixture");
	cor_write_bool(event.writer, index >= report->runner->plan.len);
	put_text(&event, "state", cor_state_name(outcome->state));
	cor_write_key(event.writer, "ms");
	cor_write_double(event.writer, (double)(outcome->ended_ns - outcome->begun_ns) / NS_PER_MS);
	if (outcome->file) {
		put_text(&event, "file", outcome->file);
		put_number(&event, "line", outcome->line);
	} else if (index < report->runner->plan.len) {
		put_place(&event, &report->runner->plan.items[index]);
	}
	if (outcome->reason[0])
		put_text(&event, "reason", outcome->reason);
	if (outcome->operations_len != 0)
		put_operations(&event, outcome);
	put_bytes(&event, "text", outcome->text, outcome->text_len);
	put_bytes(&event, "output", outcome->output, outcome->output_len);
	close_event(&event, report->out);
}

static void note(struct cor_report *report, struct cor_str summary, struct cor_str text)
{
	struct event event;

	open_event(&event, "note");
	put_bytes(&event, "summary", summary.data, summary.len);
	put_bytes(&event, "text", text.data, text.len);
	close_event(&event, report->out);
}

const struct cor_report_form cor_report_events = {
	.begin = begin,
	.begun = begun,
	.ended = ended,
	.end = end,
	.note = note,
};
