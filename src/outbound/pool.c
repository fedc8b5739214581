/* SPDX-License-Identifier: MIT */
#include "outbound/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/clock.h>

#include "base/compiler.h"
#include "runtime/clock.h"
#include "runtime/scheduler.h"

static int64_t now_ns(void)
{
	const struct cor_scheduler *scheduler = cor_this_thread.scheduler;

	return scheduler ? cor_clock_now(scheduler) : cor_monotonic_ns();
}

/* --- places --- */

static struct cor_str name_of(const struct cor_destination *destination)
{
	return destination->unix_path ? cor_str(destination->unix_path) : destination->host;
}

static bool is_at(const struct cor_outbound_place *place, const struct cor_destination *destination)
{
	struct cor_str name = name_of(destination);

	return place->port == destination->port && place->len == name.len &&
	       place->is_unix == (destination->unix_path != NULL) &&
	       memcmp(place->name, name.data, name.len) == 0;
}

static struct cor_outbound_place *find_place(
	const struct cor_outbound_pool *pool, const struct cor_destination *destination)
{
	struct cor_outbound_place *place = pool->places;

	while (place && !is_at(place, destination))
		place = place->next;
	return place;
}

static struct cor_outbound_place *make_place(
	struct cor_outbound_pool *pool, const struct cor_destination *destination)
{
	struct cor_str name = name_of(destination);
	struct cor_outbound_place *place = calloc(1, sizeof *place + name.len);

	if (!place)
		return NULL;
	place->port = destination->port;
	place->is_unix = destination->unix_path != NULL;
	place->len = name.len;
	memcpy(place->name, name.data, name.len);
	place->next = pool->places;
	pool->places = place;
	return place;
}

static void leave_place(struct cor_outbound_pool *pool, struct cor_outbound_place *place)
{
	struct cor_outbound_place **at = &pool->places;

	if (--place->connections != 0)
		return;
	while (*at != place)
		at = &(*at)->next;
	*at = place->next;
	free(place);
}

/* --- the two lists of kept ones: of the pool, and of their place --- */

static void link_latest(struct cor_outbound_pool *pool, struct cor_outbound_connection *connection)
{
	struct cor_outbound_place *place = connection->place;

	connection->newer = NULL;
	connection->older = pool->newest;
	*(pool->newest ? &pool->newest->newer : &pool->oldest) = connection;
	pool->newest = connection;
	pool->kept++;

	connection->above = NULL;
	connection->below = place->top;
	*(place->top ? &place->top->above : &place->bottom) = connection;
	place->top = connection;
	place->kept++;
}

static void unlink_kept(struct cor_outbound_pool *pool, struct cor_outbound_connection *connection)
{
	struct cor_outbound_place *place = connection->place;

	*(connection->newer ? &connection->newer->older : &pool->newest) = connection->older;
	*(connection->older ? &connection->older->newer : &pool->oldest) = connection->newer;
	pool->kept--;

	*(connection->above ? &connection->above->below : &place->top) = connection->below;
	*(connection->below ? &connection->below->above : &place->bottom) = connection->above;
	place->kept--;
	connection->lost = NULL;
}

void cor_outbound_pool_close(
	struct cor_outbound_pool *pool, struct cor_outbound_connection *connection)
{
	leave_place(pool, connection->place);
	cor_outbound_close(connection);
}

static void close_kept(struct cor_outbound_pool *pool, struct cor_outbound_connection *connection)
{
	unlink_kept(pool, connection);
	cor_outbound_pool_close(pool, connection);
}

/* --- their end --- */

/* On the loop's own stack: the server has closed it, or sends what nobody asked for. */
static void close_lost(struct cor_outbound_connection *connection)
{
	close_kept(connection->pool, connection);
}

static bool is_over(const struct cor_outbound_connection *connection, int64_t at_ns)
{
	return at_ns >= connection->kept_ns;
}

/* The time of the next that is over, as far as those are concerned that wait longest. */
static int64_t next_end_ns(const struct cor_outbound_pool *pool)
{
	int64_t end_ns = COR_FOREVER;

	for (const struct cor_outbound_place *at = pool->places; at; at = at->next)
		if (at->bottom && at->bottom->kept_ns < end_ns)
			end_ns = at->bottom->kept_ns;
	return end_ns;
}

/* A place may go with its last connection. */
static void close_over(struct cor_outbound_pool *pool, int64_t at_ns)
{
	struct cor_outbound_place *next;

	for (struct cor_outbound_place *place = pool->places; place; place = next) {
		next = place->next;
		for (uint32_t left = place->kept; left > 0 && is_over(place->bottom, at_ns); left--)
			close_kept(pool, place->bottom);
	}
}

/* Outside of a loop those that are over go when the next call comes. */
static void arm_timer(struct cor_outbound_pool *pool)
{
	struct cor_scheduler *scheduler = cor_this_thread.scheduler;

	if (!scheduler || !pool->oldest)
		return;
	pool->scheduler = scheduler;
	cor_timer_arm(scheduler, &pool->timer, next_end_ns(pool));
}

static void fire(struct cor_timer *timer)
{
	struct cor_outbound_pool *pool = cor_container_of(timer, struct cor_outbound_pool, timer);

	close_over(pool, now_ns());
	arm_timer(pool);
}

void cor_outbound_pool_init(struct cor_outbound_pool *pool, struct cor_resolver *resolver)
{
	*pool = (struct cor_outbound_pool){ .resolver = resolver, .timer = { .fire = fire } };
}

void cor_outbound_pool_finish(struct cor_outbound_pool *pool)
{
	while (pool->oldest)
		close_kept(pool, pool->oldest);
	if (pool->timer.slot != 0) /* else its loop may be gone */
		cor_timer_disarm(pool->scheduler, &pool->timer);
}

/* --- use --- */

/*
 * While it keeps connections its timer is armed, but for those that were made outside of a loop. If
 * it is not, the loop may be gone, and another may stand in its place: they are registered anew.
 */
static void forget_loop(struct cor_outbound_pool *pool)
{
	if (pool->timer.slot != 0 || !pool->scheduler)
		return;
	for (struct cor_outbound_connection *at = pool->newest; at; at = at->older)
		at->scheduler = NULL;
	pool->scheduler = NULL;
}

struct cor_outbound_connection *cor_outbound_pool_take(
	struct cor_outbound_pool *pool, const struct cor_destination *destination)
{
	int64_t at_ns = cor_monotonic_ns(); /* a fiber may have computed for seconds */

	forget_loop(pool);
	close_over(pool, at_ns);
	for (;;) {
		struct cor_outbound_place *place = find_place(pool, destination);
		struct cor_outbound_connection *connection = place ? place->top : NULL;

		if (!connection)
			return NULL;
		unlink_kept(pool, connection);
		if (!is_over(connection, at_ns) && !cor_outbound_is_stale(connection))
			return connection;
		cor_outbound_pool_close(pool, connection); /* its place may go with it */
	}
}

int cor_outbound_pool_add(struct cor_outbound_pool *pool, const struct cor_destination *destination,
	struct cor_outbound_connection *connection)
{
	struct cor_outbound_place *place = find_place(pool, destination);

	if (!place)
		place = make_place(pool, destination);
	if (!place)
		return -ENOMEM;
	place->connections++;
	connection->place = place;
	connection->pool = pool;
	return 0;
}

void cor_outbound_pool_keep(struct cor_outbound_pool *pool,
	struct cor_outbound_connection *connection, const struct cor_carrier_request *request)
{
	struct cor_outbound_place *place = connection->place;
	uint32_t most = request->kept ? request->kept : COR_KEPT_CONNECTIONS;
	uint32_t ms = request->kept_ms ? request->kept_ms : COR_KEPT_MS;

	while (place->kept >= most)
		close_kept(pool, place->bottom);
	if (pool->kept == COR_CARRIER_KEPT_MAX)
		close_kept(pool, pool->oldest);
	connection->kept_ns = cor_clock_after(now_ns(), ms);
	connection->lost = close_lost;
	link_latest(pool, connection);
	arm_timer(pool);
}
