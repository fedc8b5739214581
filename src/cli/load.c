/* SPDX-License-Identifier: MIT */
#include "cli/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <coracle/clock.h>
#include <coracle/error.h>

#include "cli/load_run.h"
#include "runtime/run_delay.h"

#define TICK_NS   20000000 /* to connect again, and to look at the clock */
#define SPIN_NS   2000000  /* a request that is due sooner is not slept for */
#define BEHIND_NS 1000000

static bool is_over(const struct cor_load_run *run)
{
	return cor_monotonic_ns() >= run->end_ns;
}

static bool has_rate(const struct cor_load_run *run)
{
	return run->load->rate_per_s > 0;
}

/* --- what connections tell --- */

static void send_now(struct cor_load_connection *connection, int64_t due_ns)
{
	connection->run->waiting++;
	cor_load_send(connection, due_ns);
}

void cor_load_is_free(struct cor_load_connection *connection)
{
	struct cor_load_run *run = connection->run;

	connection->free_ns = cor_monotonic_ns();
	if (!has_rate(run) && connection->free_ns < run->end_ns) {
		send_now(connection, connection->free_ns);
		return;
	}
	connection->next_free = run->free;
	run->free = connection;
}

static bool is_good(int status)
{
	return status >= 200 && status < 300;
}

/* Of the first one that is not good, the body has been kept. */
static void note_status(struct cor_load_connection *connection)
{
	struct cor_load_run *run = connection->run;
	int status = connection->parser.status;

	run->result->statuses[status]++;
	if (!is_good(status) && !run->result->other_status &&
		(!run->shown || run->shown == connection)) {
		run->result->other_status = status;
		run->shown = NULL;
	}
}

void cor_load_answered(struct cor_load_connection *connection, bool keeps)
{
	struct cor_load_run *run = connection->run;
	struct cor_load_result *result = run->result;
	int64_t now_ns = cor_monotonic_ns();

	run->waiting--;
	cor_latencies_add(&result->latencies, now_ns - connection->due_ns);
	connection->due_ns = 0;
	result->answers += now_ns < run->end_ns;
	note_status(connection);
	if (keeps)
		cor_load_is_free(connection);
	else if (now_ns < run->end_ns && cor_load_connect(connection) < 0)
		run->connect_ns = now_ns; /* it is tried again, and told then */
}

/* A connection that was free is in the list of those: it goes. */
static void forget_free(struct cor_load_connection *connection)
{
	struct cor_load_connection **at = &connection->run->free;

	while (*at && *at != connection)
		at = &(*at)->next_free;
	if (*at)
		*at = connection->next_free;
}

/* An answer that is cut is none: what was kept of its body goes. */
static void forget_shown(struct cor_load_connection *connection)
{
	struct cor_load_run *run = connection->run;

	if (run->shown != connection)
		return;
	run->shown = NULL;
	run->shown_len = 0;
	memset(run->result->other, 0, sizeof run->result->other);
}

void cor_load_failed(struct cor_load_connection *connection, int code)
{
	struct cor_load_run *run = connection->run;
	bool had_request = connection->due_ns != 0;

	forget_free(connection);
	forget_shown(connection);
	run->waiting -= had_request;
	connection->due_ns = 0;
	if (is_over(run) && !had_request)
		return;
	run->result->errors++;
	if (!run->result->first_error)
		run->result->first_error = code;
}

void cor_load_received(struct cor_load_connection *connection, size_t len)
{
	if (!is_over(connection->run))
		connection->run->result->bytes += len;
}

void cor_load_body(struct cor_load_connection *connection, const char *data, size_t len)
{
	struct cor_load_run *run = connection->run;
	size_t room = COR_LOAD_SHOWN_BYTES - run->shown_len;

	if (!run->shown && !is_good(connection->parser.status) && !run->result->other_status)
		run->shown = connection;
	if (run->shown != connection)
		return;
	memcpy(run->result->other + run->shown_len, data, len < room ? len : room);
	run->shown_len += len < room ? len : room;
}

/* --- the run --- */

static int64_t due_at(const struct cor_load_run *run, uint64_t number)
{
	return run->begun_ns + (int64_t)(1e9 * (double)number / run->load->rate_per_s);
}

/* Send what is due, as far as connections are free. */
static void dispatch(struct cor_load_run *run, int64_t now_ns)
{
	struct cor_load_result *result = run->result;

	while (run->next_ns <= now_ns && run->next_ns < run->end_ns && run->free) {
		struct cor_load_connection *connection = run->free;
		int64_t could_ns = connection->free_ns > run->next_ns ? connection->free_ns
								      : run->next_ns;
		run->free = connection->next_free;
		result->late += connection->free_ns > run->next_ns;
		result->behind += now_ns - could_ns > BEHIND_NS;
		send_now(connection, run->next_ns);
		run->next_ns = due_at(run, ++run->due);
	}
}

/* Those that are closed, and not at once again. */
static void connect_all(struct cor_load_run *run, int64_t now_ns)
{
	run->connect_ns = now_ns + TICK_NS;
	for (uint32_t i = 0; i < run->load->connections; i++) {
		struct cor_load_connection *connection = &run->connections[i];
		int rc = connection->state == COR_LOAD_CLOSED ? cor_load_connect(connection) : 0;
		if (rc < 0) {
			connection->due_ns = 0;
			cor_load_failed(connection, rc);
		}
	}
}

static void tick(struct cor_timer *timer)
{
	(void)timer; /* it has ended a wait */
}

/* How long the loop may wait: a request that is due soon is not left to the kernel's timers. */
static enum cor_turn arm(struct cor_load_run *run, int64_t now_ns)
{
	int64_t until_ns = now_ns + TICK_NS;

	if (has_rate(run) && run->free && run->next_ns < run->end_ns) {
		if (run->next_ns - now_ns < SPIN_NS)
			return COR_TURN_LOOK;
		if (run->next_ns - SPIN_NS / 2 < until_ns)
			until_ns = run->next_ns - SPIN_NS / 2;
	}
	cor_timer_arm(run->scheduler, &run->tick, until_ns);
	return COR_TURN_WAIT;
}

static double own_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* What has no answer yet has taken so long at least; requests that were never sent, too. */
static void count_missing(struct cor_load_run *run)
{
	struct cor_load_result *result = run->result;
	int64_t now_ns = cor_monotonic_ns();

	for (uint32_t i = 0; i < run->load->connections; i++) {
		struct cor_load_connection *connection = &run->connections[i];
		if (connection->state >= COR_LOAD_SENDING) {
			cor_latencies_add(&result->latencies, now_ns - connection->due_ns);
			result->missing++;
		}
		cor_load_close(connection);
	}
	for (; has_rate(run) && run->next_ns < run->end_ns;
		run->next_ns = due_at(run, ++run->due)) {
		cor_latencies_add(&result->latencies, now_ns - run->next_ns);
		result->late++;
	}
	result->errors += result->missing;
	if (result->missing && !result->first_error)
		result->first_error = -ETIMEDOUT;
}

static int turn_until(struct cor_load_run *run)
{
	int64_t last_ns = run->end_ns + run->load->patience_ms * 1000000, now_ns;
	struct cor_run_delay delay;
	double cpu_s = own_seconds();
	int rc = 1;

	cor_run_delay_init(&delay);
	cor_ignore(cor_run_delay_since(&delay, gettid()));

	while (rc > 0 && (now_ns = cor_monotonic_ns()) < run->end_ns) {
		if (now_ns >= run->connect_ns)
			connect_all(run, now_ns);
		if (has_rate(run))
			dispatch(run, now_ns);
		rc = cor_scheduler_turn(run->scheduler, arm(run, now_ns));
	}
	run->result->seconds = (double)(cor_monotonic_ns() - run->begun_ns) / 1e9;
	run->result->own_cpu = (own_seconds() - cpu_s) / run->result->seconds;
	run->result->own_busy = run->result->own_cpu +
				(double)cor_run_delay_since(&delay, gettid()) / 1e9 /
					run->result->seconds;
	cor_run_delay_finish(&delay);
	while (rc > 0 && run->waiting && (now_ns = cor_monotonic_ns()) < last_ns)
		rc = cor_scheduler_turn(run->scheduler, arm(run, now_ns));
	count_missing(run);
	cor_timer_disarm(run->scheduler, &run->tick);
	return rc < 0 ? rc : 0;
}

static int begin(struct cor_load_run *run)
{
	const struct cor_load *load = run->load;
	int rc = cor_address_parse(load->address, &run->address);

	if (rc < 0)
		return rc;
	run->connections = calloc(load->connections, sizeof *run->connections);
	if (!run->connections)
		return -ENOMEM;
	for (uint32_t i = 0; i < load->connections; i++) {
		run->connections[i].run = run;
		cor_answer_parser_init(&run->connections[i].parser,
			load->is_head ? COR_ANSWER_TO_HEAD : COR_ANSWER_TO_ANY);
	}
	return cor_scheduler_create(NULL, &run->scheduler);
}

int cor_load_run(const struct cor_load *load, struct cor_load_result *ret)
{
	struct cor_load_run run = { .load = load, .result = ret, .tick = { .fire = tick } };

	memset(ret, 0, sizeof *ret);
	int rc = begin(&run);
	if (rc == 0) {
		run.begun_ns = run.next_ns = run.connect_ns = cor_monotonic_ns();
		run.end_ns = run.begun_ns + (int64_t)(load->seconds * 1e9);
		rc = turn_until(&run);
	}
	cor_scheduler_destroy(run.scheduler);
	free(run.connections);
	return rc;
}
