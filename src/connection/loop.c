/* SPDX-License-Identifier: MIT */
#include "connection/loop.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>

#include <coracle/error.h>

#include "connection/connection.h"
#include "connection/listener.h"
#include "connection/room.h"
#include "observe/logger.h"

#define PAUSE_MS        100
#define LAST_TURNS      1000 /* of a loop whose reactor has failed */
#define PARCELS_AT_ONCE 64

/* --- accepting, and not --- */

static int watch_listeners(struct cor_loop *loop, bool on)
{
	int rc = 0;

	for (size_t i = 0; i < loop->listeners_len && rc == 0; i++)
		rc = cor_listener_watch(&loop->listeners[i], on);
	return rc;
}

static void emptied(struct cor_loop *loop)
{
	if (loop->emptied)
		return;
	loop->emptied = true;
	cor_loops_emptied(loop->group);
}

/*
 * In a drain. Where not all can be accepted now, the loop is paused and the rest is accepted when
 * that ends.
 */
static void accept_queued(struct cor_loop *loop)
{
	bool empty = true;

	for (size_t i = 0; i < loop->listeners_len; i++)
		empty = cor_listener_empty_queue(&loop->listeners[i]) && empty;
	if (empty)
		emptied(loop);
}

/* Siblings hand their clients to it again. Returns false where it has no descriptor for them. */
static bool use_inbox(struct cor_loop *loop)
{
	if (!loop->inbox_rests || loop->draining)
		return true;
	if (!cor_siblings_has_spare(loop->group->share->siblings) ||
		cor_reactor_add(loop->scheduler, &loop->inbox, EPOLLIN) < 0)
		return false;
	loop->inbox_rests = false;
	cor_siblings_join(loop->group->share->siblings);
	return true;
}

static void unpause(struct cor_loop *loop)
{
	if (!loop->paused)
		return;
	loop->paused = false;
	cor_timer_disarm(loop->scheduler, &loop->pause_timer);
	if (!use_inbox(loop)) {
		cor_loop_pause(loop, cor_strerror(-EMFILE));
		return;
	}
	if (loop->emptied)
		return;
	if (loop->draining)
		accept_queued(loop);
	else if (watch_listeners(loop, true) < 0)
		cor_loop_pause(loop, "the reactor refused a listener");
}

static void pause_ended(struct cor_timer *timer)
{
	unpause(cor_container_of(timer, struct cor_loop, pause_timer));
}

static void slot_is_free(struct cor_task *task)
{
	struct cor_loop *loop = cor_container_of(task, struct cor_loop, slot_free);

	atomic_store(&loop->slot_free_posted, false);
	unpause(loop);
}

static void stop_accepting(struct cor_loop *loop)
{
	loop->paused = true;
	if (!loop->draining)
		(void)watch_listeners(loop, false);
}

void cor_loop_pause(struct cor_loop *loop, const char *why)
{
	if (loop->paused)
		return;
	stop_accepting(loop);
	cor_timer_arm(loop->scheduler, &loop->pause_timer,
		cor_clock_after_ms(cor_clock_now(loop->scheduler), PAUSE_MS));
	if (cor_loops_may_complain(loop->group, cor_clock_now(loop->scheduler)))
		cor_logger_log(loop->logger, COR_LOG_WARNING, NULL,
			"cannot accept connections: %s; trying again every %d ms", why, PAUSE_MS);
}

void cor_loop_rest_inbox(struct cor_loop *loop, const char *why)
{
	if (loop->inbox_rests || loop->draining)
		return;
	loop->inbox_rests = true;
	cor_siblings_rest(loop->group->share->siblings);
	cor_reactor_remove(loop->scheduler, &loop->inbox);
	cor_loop_pause(loop, why);
}

void cor_loop_wait_for_slot(struct cor_loop *loop)
{
	if (loop->paused)
		return;
	stop_accepting(loop);
	cor_room_make(loop);
	cor_timer_arm(loop->scheduler, &loop->pause_timer,
		cor_clock_after_ms(cor_clock_now(loop->scheduler), COR_ROOM_IDLE_MS));
	if (cor_loops_may_complain(loop->group, cor_clock_now(loop->scheduler)))
		cor_logger_log(loop->logger, COR_LOG_WARNING, NULL,
			"the limit of %" PRIu32
			" connections is reached: new clients wait until one goes "
			"(--connections-max raises it)",
			loop->group->share->connections_max);
}

void cor_loop_connection_gone(struct cor_loop *loop)
{
	atomic_fetch_sub(&loop->connections_len, 1);
	cor_loops_give_slot(loop->group);
}

/* --- the end --- */

/* An idle connection loses nothing. */
static bool is_in_progress(const struct cor_connection *c)
{
	return c->phase == COR_PHASE_PARTIAL || c->phase == COR_PHASE_BUSY ||
	       (c->flags & COR_CONNECTION_STALLED) != 0;
}

static uint32_t count_in_progress(const struct cor_loop *loop)
{
	uint32_t count = 0;

	for (const struct cor_connection *c = loop->connections; c; c = c->next)
		count += is_in_progress(c);
	return count;
}

static void cut_connections(struct cor_loop *loop)
{
	struct cor_connection *next;

	cor_count(&loop->counts->cut, count_in_progress(loop));
	for (struct cor_connection *c = loop->connections; c; c = next) {
		next = c->next;
		cor_connection_cut(c);
	}
	cor_scheduler_cancel(loop->scheduler);
}

/* Siblings have others to hand their clients to. Those who are on their way are served. */
static void leave_siblings(struct cor_loop *loop)
{
	if (loop->inbox.fd < 0)
		return;
	cor_siblings_leave(loop->group->share->siblings);
	cor_reactor_remove(loop->scheduler, &loop->inbox);
	while (cor_listener_take_parcel(loop))
		;
	loop->inbox.fd = -1;
}

void cor_loop_cut(struct cor_loop *loop)
{
	loop->cut = true;
	emptied(loop); /* those in the queue get no turn any more */
	cor_timer_disarm(loop->scheduler, &loop->pause_timer);
	cut_connections(loop);
}

static void drain_timed_out(struct cor_timer *timer)
{
	struct cor_loop *loop = cor_container_of(timer, struct cor_loop, drain_timer);

	uint32_t left = count_in_progress(loop);

	if (left != 0 || !loop->emptied)
		cor_logger_log(loop->logger, COR_LOG_WARNING, NULL,
			"cutting %" PRIu32 " connection%s after the drain timeout of %" PRIu32
			" ms (--drain-timeout-ms)",
			left, left == 1 ? "" : "s", loop->settings->drain_timeout_ms);
	cor_loop_cut(loop);
}

void cor_loop_drain(struct cor_loop *loop, enum cor_drain_mode mode)
{
	struct cor_connection *next;

	if (loop->draining)
		return;
	(void)watch_listeners(loop, false);
	cor_timer_disarm(loop->scheduler, &loop->pause_timer);
	loop->paused = false;
	loop->draining = true;
	loop->idle_ns = COR_LAST_REQUEST_MS * (int64_t)COR_NS_PER_MS;
	cor_timer_arm(loop->scheduler, &loop->drain_timer,
		cor_clock_after_ms(
			cor_clock_fresh(loop->scheduler), loop->settings->drain_timeout_ms));
	for (struct cor_connection *c = loop->connections; c; c = next) {
		next = c->next;
		cor_connection_retire(c);
	}
	leave_siblings(loop);
	if (mode == COR_DRAIN_CLOSE)
		accept_queued(loop);
	else
		emptied(loop);
}

/* --- life --- */

static int open_scheduler(struct cor_loop *loop, const struct cor_loop_options *options)
{
	uint32_t fibers = loop->group->share->fibers_max / loop->group->loops_len;
	struct cor_scheduler_options of_scheduler = { .max_fibers = fibers != 0 ? fibers : 1 };

	struct cor_stack_report *const *reports = loop->group->share->stacks;

	int rc = cor_scheduler_create_with(&of_scheduler, options->seams, &loop->scheduler);
	if (rc == 0 && reports && reports[options->index])
		cor_stack_report_in(loop->scheduler, reports[options->index]);
	return rc;
}

static void parcels_are_here(struct cor_watch *watch, uint32_t events)
{
	struct cor_loop *loop = cor_container_of(watch, struct cor_loop, inbox);
	int left = PARCELS_AT_ONCE;

	(void)events;
	while (left-- > 0 && cor_listener_take_parcel(loop))
		;
}

static int watch_inbox(struct cor_loop *loop)
{
	loop->inbox.fd = loop->group->share->siblings->inbox;
	return cor_reactor_add(loop->scheduler, &loop->inbox, EPOLLIN);
}

int cor_loop_init(struct cor_loop *loop, const struct cor_loop_options *options)
{
	*loop = (struct cor_loop){
		.settings = options->settings,
		.idle_ns = options->settings->idle_timeout_ms * (int64_t)COR_NS_PER_MS,
		.group = options->group,
		.counts = &options->group->share->counts[options->index],
		.logger = options->logger,
		.drain_timer.fire = drain_timed_out,
		.pause_timer.fire = pause_ended,
		.inbox = { .fd = -1, .ready = parcels_are_here },
		.slot_free.run = slot_is_free,
		.crowded.run = cor_crowd_told,
		.room_wanted.run = cor_room_asked,
	};
	int rc = open_scheduler(loop, options);
	if (rc < 0)
		return rc;
	loop->input = malloc(COR_LOOP_INPUT_BYTES);
	loop->listeners = calloc(
		options->listeners_len ? options->listeners_len : 1, sizeof *loop->listeners);
	if (!loop->input || !loop->listeners)
		rc = -ENOMEM;
	for (; loop->listeners_len < options->listeners_len && rc == 0; loop->listeners_len++)
		cor_listener_init(&loop->listeners[loop->listeners_len], loop,
			&options->listeners[loop->listeners_len]);
	if (rc == 0)
		rc = watch_listeners(loop, true);
	if (rc == 0 && loop->group->share->siblings && options->index == 0)
		rc = watch_inbox(loop);
	if (rc < 0)
		cor_loop_finish(loop);
	return rc;
}

/* --- when the reactor fails --- */

struct failure {
	struct cor_task task;
	struct cor_loop *loop;
};

static void cut_here(struct cor_task *task)
{
	cut_connections(cor_container_of(task, struct failure, task)->loop);
}

/*
 * Nothing tells it of its connections any more, nor of those that others have handed it. What can
 * end ends in a few more turns, which run everything but the reactor.
 */
static COR_COLD void give_up(struct cor_loop *loop, int rc)
{
	struct failure failure = { .task.run = cut_here, .loop = loop };

	cor_logger_log(loop->logger, COR_LOG_ERROR, NULL,
		"a thread serves no longer, and its connections are cut: epoll failed: %s",
		cor_strerror(rc));
	atomic_store(&loop->failed, true);
	while (atomic_load(&loop->handing) != 0)
		sched_yield();
	loop->cut = true;
	loop->paused = false;
	(void)watch_listeners(loop, false);
	leave_siblings(loop);
	cor_scheduler_post(loop->scheduler, &failure.task);
	for (int i = 0; i < LAST_TURNS && (i == 0 || loop->connections); i++)
		cor_ignore(cor_scheduler_turn(loop->scheduler, COR_TURN_LOOK));
	cor_loops_abandon(loop->group, atomic_load(&loop->connections_len), loop->emptied);
}

int cor_loop_run(struct cor_loop *loop)
{
	int rc = cor_scheduler_run(loop->scheduler);

	if (rc < 0)
		give_up(loop, rc);
	return rc;
}

void cor_loop_end(struct cor_loop *loop)
{
	cor_timer_disarm(loop->scheduler, &loop->drain_timer);
	cor_scheduler_cancel(loop->scheduler);
	cor_scheduler_stop(loop->scheduler);
}

void cor_loop_finish(struct cor_loop *loop)
{
	if (loop->scheduler) {
		(void)watch_listeners(loop, false);
		if (loop->inbox.fd >= 0)
			cor_reactor_remove(loop->scheduler, &loop->inbox);
		cor_timer_disarm(loop->scheduler, &loop->drain_timer);
		cor_timer_disarm(loop->scheduler, &loop->pause_timer);
		if (loop->while_waiting)
			cor_timer_disarm(loop->scheduler, loop->while_waiting);
	}
	cor_scheduler_destroy(loop->scheduler);
	cor_buffer_finish(&loop->output);
	free(loop->input);
	free(loop->listeners);
	*loop = (struct cor_loop){ 0 };
}
