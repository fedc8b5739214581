/* SPDX-License-Identifier: MIT */
/* /metrics: what workers and the master have counted, for Prometheus. */
#include "control/figures.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/trim.h"
#include "control/control.h"
#include "control/exposition.h"
#include "control/own_figures.h"
#include "control/timed.h"
#include "control/requests.h"
#include "control/stack_figures.h"
#include "exchange/exchange.h"
#include "http/accept.h"
#include "http/media_type.h"

#define TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define OPEN_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

#define LABELS(...)                                                                                \
	((struct cor_labels){ (const struct cor_label[]){ __VA_ARGS__ },                           \
		sizeof((const struct cor_label[]){ __VA_ARGS__ }) / sizeof(struct cor_label) })
#define NO_LABELS ((struct cor_labels){ 0 })

/* --- requests --- */

/* What a row of all threads comes to. A gauge counts while its writer lives. */
static void add_up(const struct cor_control *control, uint32_t row, struct cor_request_total *total)
{
	uint32_t len = cor_board_blocks_len(control->board);

	for (uint32_t i = 0; i < len; i++) {
		const struct cor_block *block = &control->board->blocks[i];
		const struct cor_roster_row *worker = &control->roster->rows[block->slot];
		cor_request_total_add(total, &block->rows[row]);
		if (worker->pid != 0 && worker->state != COR_WORKER_STARTING)
			total->waiting += cor_gauge_read(&block->rows[row].waiting);
	}
}

/* "GET /books/{id}" in two; the first row has one word. */
struct route {
	struct cor_str method, path;
};

static struct route route_of(const struct cor_control *control, uint32_t row)
{
	struct cor_str name = cor_str(control->board->names[row]);
	const char *blank = strchr(name.data, ' ');
	size_t method = blank ? (size_t)(blank - name.data) : name.len;
	size_t behind = blank ? method + 1 : 0;

	return (struct route){ { name.data, method }, { name.data + behind, name.len - behind } };
}

static void write_answers(
	struct cor_exposition *e, const struct route *route, const struct cor_request_total *total)
{
	static const char *const classes[] = { "2xx", "3xx", "4xx", "5xx" };

	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
		cor_exposition_count(e, "_total",
			LABELS({ "method", route->method }, { "route", route->path },
				{ "class", cor_str(classes[i]) }),
			total->by_class[i + 2]);
}

static void write_bucket(
	struct cor_exposition *e, const struct route *route, const char *bound, uint64_t count)
{
	cor_exposition_count(e, "_bucket",
		LABELS({ "method", route->method }, { "route", route->path },
			{ "le", cor_str(bound) }),
		count);
}

static void write_durations(struct cor_exposition *e, const struct route *route,
	const struct cor_request_total *total, uint64_t ticks_per_s)
{
	static const char *const bounds[COR_LATENCY_BOUNDS] = { "0.0005", "0.001", "0.0025",
		"0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0",
		"10.0" };
	const struct cor_labels labels = LABELS(
		{ "method", route->method }, { "route", route->path });
	uint64_t below = 0;

	for (size_t i = 0; i < COR_LATENCY_BOUNDS; i++) {
		below += total->cells[i];
		write_bucket(e, route, bounds[i], below);
	}
	write_bucket(e, route, "+Inf", total->count);
	cor_exposition_count(e, "_count", labels, total->count);
	cor_exposition_number(e, "_sum", labels, (double)total->ticks / (double)ticks_per_s);
}

/* Every GET has its HEAD, which hardly anybody asks for: it is shown once somebody has. */
static uint32_t read_rows(const struct cor_control *control, uint32_t rows,
	struct cor_request_total *totals, struct route *routes)
{
	uint32_t len = 0;

	for (uint32_t row = 0; row < rows; row++) {
		struct cor_request_total total = { 0 };
		struct route route = route_of(control, row);
		add_up(control, row, &total);
		if (total.count == 0 && total.waiting == 0 &&
			cor_str_equal(route.method, COR_STR("HEAD")))
			continue;
		totals[len] = total;
		routes[len++] = route;
	}
	return len;
}

/* All but the quickest: --held-ms says what counts. */
static void write_holds(struct cor_exposition *e, const struct route *routes,
	const struct cor_request_total *totals, uint32_t len)
{
	cor_exposition_family(e, "coracle_held_threads", COR_FAMILY_COUNTER,
		"Times that an operation held its thread for at least --held-ms.");
	for (uint32_t row = 0; row < len; row++)
		cor_exposition_count(e, "_total",
			LABELS({ "method", routes[row].method }, { "route", routes[row].path }),
			totals[row].holds);
	cor_exposition_family(e, "coracle_held_thread_seconds", COR_FAMILY_COUNTER,
		"For how long it did in sum.");
	for (uint32_t row = 0; row < len; row++)
		cor_exposition_number(e, "_total",
			LABELS({ "method", routes[row].method }, { "route", routes[row].path }),
			(double)totals[row].held_ns / 1e9);
}

/* Where nothing is checked, nothing is counted. */
static void write_wrong(struct cor_exposition *e, const struct route *routes,
	const struct cor_request_total *totals, uint32_t len)
{
	cor_exposition_family(e, "coracle_wrong_answers", COR_FAMILY_COUNTER,
		"Answers and messages that broke their tables, as far as --check-answers looks.");
	for (uint32_t row = 0; row < len; row++)
		cor_exposition_count(e, "_total",
			LABELS({ "method", routes[row].method }, { "route", routes[row].path }),
			totals[row].wrong);
}

/* One family after the other, as the format wants it, from one reading. */
static int write_requests(struct cor_ctx *ctx, struct cor_exposition *e)
{
	const struct cor_control *control = cor_control_of(ctx);
	uint32_t len = cor_board_rows_len(control->board);
	struct cor_request_total *totals = cor_alloc(ctx, len * sizeof *totals);
	struct route *routes = cor_alloc(ctx, len * sizeof *routes);

	if (!totals || !routes)
		return -ENOMEM;
	len = read_rows(control, len, totals, routes);
	cor_exposition_family(e, "coracle_requests", COR_FAMILY_COUNTER,
		"Requests answered, by operation and class of status.");
	for (uint32_t row = 0; row < len; row++)
		write_answers(e, &routes[row], &totals[row]);
	cor_exposition_family(e, "coracle_request_duration_seconds", COR_FAMILY_HISTOGRAM,
		"From the end of a request's head to the end of its answer.");
	for (uint32_t row = 0; row < len; row++)
		write_durations(e, &routes[row], &totals[row], control->ticks_per_s);
	cor_exposition_family(e, "coracle_requests_in_flight", COR_FAMILY_GAUGE,
		"Requests that wait for something and are not answered yet.");
	for (uint32_t row = 0; row < len; row++)
		cor_exposition_number(e, "",
			LABELS({ "method", routes[row].method }, { "route", routes[row].path }),
			(double)totals[row].waiting);
	write_holds(e, routes, totals, len);
	write_wrong(e, routes, totals, len);
	return 0;
}

/* --- connections --- */

static void write_counter(
	struct cor_exposition *e, const char *name, const char *help, uint64_t value)
{
	cor_exposition_family(e, name, COR_FAMILY_COUNTER, help);
	cor_exposition_count(e, "_total", NO_LABELS, value);
}

static void write_gauge(struct cor_exposition *e, const char *name, const char *help, double value)
{
	cor_exposition_family(e, name, COR_FAMILY_GAUGE, help);
	cor_exposition_number(e, "", NO_LABELS, value);
}

static void write_refusals(const struct cor_counts *sum, struct cor_exposition *e)
{
	cor_exposition_family(e, "coracle_requests_refused", COR_FAMILY_COUNTER,
		"Requests refused before they reached an operation, by reason.");
	for (enum cor_refusal why = 0; why < COR_REFUSED_PEER; why++)
		cor_exposition_count(e, "_total",
			LABELS({ "reason", cor_str(cor_refusal_name(why)) }),
			cor_counter_read(&sum->refused[why]));
	write_counter(e, "coracle_connections_refused",
		"Connections closed because their client has as many as it may have.",
		cor_counter_read(&sum->refused[COR_REFUSED_PEER]));
	cor_exposition_family(e, "coracle_connections_given_up", COR_FAMILY_COUNTER,
		"Connections of HTTP/2 closed for what their client sent, by reason.");
	for (enum cor_refusal why = COR_REFUSED_RULES; why <= COR_REFUSED_SILENT; why++)
		cor_exposition_count(e, "_total",
			LABELS({ "reason", cor_str(cor_refusal_name(why)) }),
			cor_counter_read(&sum->refused[why]));
}

static void write_handshakes(const struct cor_counts *sum, struct cor_exposition *e)
{
	write_counter(e, "coracle_handshakes", "TLS handshakes that were made.",
		cor_counter_read(&sum->handshakes));
	cor_exposition_family(e, "coracle_handshakes_refused", COR_FAMILY_COUNTER,
		"TLS handshakes that were not made, by reason.");
	for (enum cor_refusal why = COR_REFUSED_HANDSHAKE_LIMIT;
		why <= COR_REFUSED_HANDSHAKE_FAILED; why++)
		cor_exposition_count(e, "_total",
			LABELS({ "reason", cor_str(cor_refusal_name(why)) }),
			cor_counter_read(&sum->refused[why]));
}

/* Of services with TLS. */
static void write_expiry(const struct cor_roster *roster, struct cor_exposition *e)
{
	int64_t expires_s = atomic_load(&roster->certificate_expires_s);

	if (expires_s != 0)
		write_gauge(e, "coracle_certificate_expiry_timestamp_seconds",
			"When the first of the certificates expires.", (double)expires_s);
}

static void write_connections(const struct cor_control *control, struct cor_exposition *e)
{
	struct cor_counts sum = { 0 };
	uint32_t open = 0;

	for (uint32_t slot = 0; slot < COR_SLOTS_MAX; slot++) {
		cor_control_add_counts(control, slot, &sum);
		if (control->roster->rows[slot].pid != 0)
			open += control->siblings->items[slot].connections;
	}
	write_gauge(e, "coracle_connections_open", "Connections that are open.", open);
	write_counter(e, "coracle_connections", "Connections accepted.",
		cor_counter_read(&sum.connections));
	write_counter(e, "coracle_connections_cut",
		"Connections that a drain cut with a request in progress.",
		cor_counter_read(&sum.cut));
	write_refusals(&sum, e);
	write_handshakes(&sum, e);
	write_expiry(control->roster, e);
	write_counter(e, "coracle_received_bytes", "Bytes received from clients.",
		cor_counter_read(&sum.bytes_received));
	write_counter(e, "coracle_sent_bytes", "Bytes sent to clients.",
		cor_counter_read(&sum.bytes_sent));
}

/* --- processes --- */

/* What workers know at this moment: they are asked. */
static int write_sums(struct cor_ctx *ctx, struct cor_exposition *e)
{
	struct cor_worker_sums sums;
	int rc = cor_control_sum_workers(ctx, &sums);

	if (rc < 0)
		return rc;
	cor_exposition_family(e, "coracle_connections_by_state", COR_FAMILY_GAUGE,
		"Connections that are open, by what they wait for.");
	cor_exposition_count(e, "", LABELS({ "state", cor_str("idle") }), sums.idle);
	cor_exposition_count(e, "", LABELS({ "state", cor_str("receiving") }), sums.receiving);
	cor_exposition_count(e, "", LABELS({ "state", cor_str("busy") }), sums.busy);
	cor_exposition_count(e, "", LABELS({ "state", cor_str("ending") }), sums.ending);
	write_gauge(e, "coracle_fibers", "Fibers that live.", (double)sums.fibers);
	write_gauge(e, "coracle_request_memory_bytes", "Memory of requests in flight.",
		(double)sums.memory_bytes);
	return 0;
}

static void write_workers(const struct cor_roster *roster, struct cor_exposition *e)
{
	static const char *const states[] = {
		[COR_WORKER_STARTING] = "starting",
		[COR_WORKER_READY] = "ready",
		[COR_WORKER_LEAVING] = "leaving",
	};
	unsigned counts[3] = { 0 };

	for (uint32_t slot = 0; slot < COR_SLOTS_MAX; slot++)
		if (roster->rows[slot].pid != 0)
			counts[roster->rows[slot].state]++;
	cor_exposition_family(
		e, "coracle_workers", COR_FAMILY_GAUGE, "Worker processes, by state.");
	for (size_t i = 0; i < 3; i++)
		cor_exposition_number(e, "", LABELS({ "state", cor_str(states[i]) }), counts[i]);
	write_gauge(e, "coracle_workers_wanted", "Worker processes that the master keeps up.",
		roster->posts);
}

static void write_master(const struct cor_roster *roster, struct cor_exposition *e)
{
	static const char *const causes[] = {
		[COR_RESTART_SIGNAL] = "signal",
		[COR_RESTART_EXIT] = "exit",
		[COR_RESTART_TIMEOUT] = "timeout",
	};

	cor_exposition_family(e, "coracle_worker_restarts", COR_FAMILY_COUNTER,
		"Workers replaced because they ended, by cause.");
	for (size_t i = 0; i < COR_RESTART_CAUSES; i++)
		cor_exposition_count(e, "_total", LABELS({ "cause", cor_str(causes[i]) }),
			cor_counter_read(&roster->restarts[i]));
	cor_exposition_family(e, "coracle_worker_retirements", COR_FAMILY_COUNTER,
		"Workers that asked for a successor, by cause.");
	for (size_t i = 0; i < COR_RETIREMENT_CAUSES; i++)
		cor_exposition_count(e, "_total",
			LABELS({ "cause", cor_str(cor_retirement_names[i]) }),
			cor_counter_read(&roster->retirements[i]));
	cor_exposition_family(e, "coracle_reloads", COR_FAMILY_COUNTER,
		"Reloads of program and configuration, by result.");
	cor_exposition_count(e, "_total", LABELS({ "result", cor_str("done") }),
		cor_counter_read(&roster->reloads));
	cor_exposition_count(e, "_total", LABELS({ "result", cor_str("failed") }),
		cor_counter_read(&roster->failed_reloads));
	cor_exposition_family(
		e, "coracle_upgrades", COR_FAMILY_COUNTER, "Upgrades to a new master, by result.");
	cor_exposition_count(e, "_total", LABELS({ "result", cor_str("done") }),
		cor_counter_read(&roster->upgrades));
	cor_exposition_count(e, "_total", LABELS({ "result", cor_str("failed") }),
		cor_counter_read(&roster->failed_upgrades));
	write_gauge(e, "coracle_start_time_seconds", "When the service started, since 1970.",
		(double)roster->started_ns / 1e9);
}

static void write_build(const struct cor_service *service, struct cor_exposition *e)
{
	cor_exposition_family(e, "coracle_build", COR_FAMILY_INFO,
		"Which service this is, and of which release.");
	cor_exposition_count(e, "_info",
		LABELS({ "service", cor_str(service->name) },
			{ "version", cor_str(service->version ? service->version : "") },
			{ "coracle", cor_str(cor_version()) }),
		1);
}

/* --- the resource --- */

/* Up to the next comma outside quotes (RFC 9110 section 5.6.4). */
static size_t item_len(struct cor_str list)
{
	bool is_quoted = false;
	size_t at = 0;

	for (; at < list.len && (is_quoted || list.data[at] != ','); at++)
		if (list.data[at] == '"')
			is_quoted = !is_quoted;
		else if (is_quoted && list.data[at] == '\\')
			at++;
	return at < list.len ? at : list.len;
}

/* The next of a list that is not empty (section 5.6.1); false behind its end. */
static bool next_item(struct cor_str *rest, struct cor_str *ret)
{
	*ret = (struct cor_str){ 0 };
	while (rest->len != 0 && ret->len == 0) {
		size_t len = item_len(*rest);
		*ret = cor_trim((struct cor_str){ rest->data, len });
		len += len < rest->len;
		*rest = (struct cor_str){ rest->data + len, rest->len - len };
	}
	return ret->len != 0;
}

/*
 * Prometheus asks for versions: "application/openmetrics-text;version=1.0.0;q=0.5". Each type has
 * one here, so of the parameters the quality alone counts.
 */
static struct cor_str without_versions(struct cor_ctx *ctx, struct cor_str accept)
{
	struct cor_str rest = accept, item, quality = { 0 };
	struct cor_media_type type;
	const char *all = "";

	while (all && next_item(&rest, &item)) {
		if (cor_media_type_parse(item, &type) < 0)
			return accept;
		bool has = cor_media_parameter(type.parameters, COR_STR("q"), &quality) > 0;
		all = cor_printf(ctx, "%s%s%.*s%s%.*s", all, all[0] ? "," : "",
			(int)type.essence.len, type.essence.data, has ? ";q=" : "",
			has ? (int)quality.len : 0, has ? quality.data : "");
	}
	return all ? cor_str(all) : accept;
}

static bool wants_open(struct cor_exchange *x)
{
	struct cor_str accept = without_versions(&x->ctx, cor_exchange_list(x, COR_KNOWN_ACCEPT));
	int text = cor_accept_quality(accept, COR_STR("text/plain"));
	int open = cor_accept_quality(accept, COR_STR("application/openmetrics-text"));

	return accept.len != 0 && open > 0 && open > text;
}

static int write_all(struct cor_ctx *ctx, struct cor_exposition *e)
{
	const struct cor_control *control = cor_control_of(ctx);
	int rc = write_requests(ctx, e);

	if (rc < 0)
		return rc;
	write_connections(control, e);
	rc = write_sums(ctx, e);
	if (rc < 0)
		return rc;
	write_workers(control->roster, e);
	write_master(control->roster, e);
	write_build(control->of, e);
	rc = cor_control_write_stacks(ctx, e);
	if (rc == 0)
		rc = cor_control_write_executors(ctx, e);
	if (rc == 0)
		rc = cor_control_write_topics(ctx, e);
	if (rc == 0)
		rc = cor_control_write_refusals(ctx, e);
	if (rc == 0)
		rc = cor_control_write_upstreams(ctx, e);
	if (rc == 0)
		rc = cor_control_write_caches(ctx, e);
	if (rc == 0)
		rc = cor_control_write_own(ctx, e);
	cor_control_write_timed(ctx, e);
	cor_exposition_end(e);
	return rc < 0 ? rc : cor_buffer_error(e->buffer);
}

int cor_control_print(struct cor_ctx *ctx, struct cor_buffer *ret)
{
	struct cor_exposition exposition = { .buffer = ret };

	return write_all(ctx, &exposition);
}

static int get_metrics(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	struct cor_exchange *x = cor_exchange_of(ctx);
	struct cor_buffer buffer = { 0 };
	struct cor_exposition exposition = { .buffer = &buffer, .is_open = wants_open(x) };

	(void)in;
	(void)body;
	(void)reply;
	int rc = write_all(ctx, &exposition);
	if (rc == 0)
		rc = cor_exchange_respond(x, 200,
			exposition.is_open ? COR_STR(OPEN_TYPE) : COR_STR(TEXT_TYPE),
			(struct cor_str){ buffer.data, buffer.len });
	cor_buffer_finish(&buffer);
	return rc;
}
/* A stream, since only a stream chooses its type; it still goes out in one piece. */
COR_STREAM_OPERATION(get_metrics_operation, get_metrics, COR_NONE, .content_type = "*/*",
	.summary = "All figures, for Prometheus");
const struct cor_resource cor_control_metrics = { .path = "/metrics",
	.get = &get_metrics_operation };
