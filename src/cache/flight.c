/* SPDX-License-Identifier: MIT */
#include "cache/flight.h"

#include <stdlib.h>

#include <coracle/error.h>
#include <coracle/fiber.h>

#include "context/context.h"

static struct cor_load_flight *find(const struct cor_cache_here *here, struct cor_str key)
{
	struct cor_load_flight *flight = here->flights;

	while (flight && !cor_str_equal(flight->key, key))
		flight = flight->next;
	return flight;
}

/* NULL: there is no memory. */
static struct cor_load_flight *add(
	struct cor_cache_here *here, const struct cor_ctx *ctx, struct cor_str key)
{
	struct cor_load_flight *flight = calloc(1, sizeof *flight + key.len);

	if (!flight)
		return NULL;
	memcpy(flight + 1, key.data, key.len);
	flight->key = (struct cor_str){ (const char *)(flight + 1), key.len };
	flight->leader = ctx;
	flight->users = 1;
	flight->next = here->flights;
	here->flights = flight;
	return flight;
}

/* It, or a child that it waits for, would wait for itself. */
static bool is_led_by(const struct cor_load_flight *flight, const struct cor_ctx *ctx)
{
	while (ctx && ctx != flight->leader)
		ctx = ctx->parent;
	return ctx != NULL;
}

int cor_load_board(struct cor_cache_here *here, const struct cor_ctx *ctx, struct cor_str key,
	struct cor_load_flight **ret)
{
	int role = COR_FLIGHT_FOLLOWS;

	pthread_mutex_lock(&here->mutex);
	struct cor_load_flight *flight = find(here, key);
	if (!flight) {
		role = COR_FLIGHT_LEADS;
		flight = add(here, ctx, key);
	} else if (is_led_by(flight, ctx)) {
		flight = NULL;
	} else {
		flight->users++;
	}
	pthread_mutex_unlock(&here->mutex);
	*ret = flight;
	return flight ? role : COR_FLIGHT_ALONE;
}

/* Its mutex is held for some instructions only. */
static void lock(struct cor_load_flight *flight)
{
	struct cor_scope deaf;

	cor_scope_shield(&deaf, COR_FOREVER);
	cor_ignore(cor_mutex_lock(&flight->mutex));
	cor_scope_leave(&deaf);
}

int cor_load_await(struct cor_load_flight *flight)
{
	int rc = 0;

	lock(flight);
	while (!flight->is_over && rc == 0)
		rc = cor_condition_wait(&flight->landed, &flight->mutex);
	if (flight->is_over)
		rc = 0;
	cor_mutex_unlock(&flight->mutex);
	return rc;
}

static void take_off_list(struct cor_cache_here *here, const struct cor_load_flight *flight)
{
	struct cor_load_flight **at = &here->flights;

	while (*at != flight)
		at = &(*at)->next;
	*at = flight->next;
}

void cor_load_land(struct cor_cache_here *here, struct cor_load_flight *flight,
	enum cor_landing how, struct cor_buffer *outcome)
{
	pthread_mutex_lock(&here->mutex);
	take_off_list(here, flight);
	pthread_mutex_unlock(&here->mutex);
	lock(flight);
	flight->outcome = cor_buffer_set_aside(outcome);
	flight->how = how;
	flight->is_over = true;
	cor_condition_broadcast(&flight->landed);
	cor_mutex_unlock(&flight->mutex);
}

void cor_load_leave(struct cor_cache_here *here, struct cor_load_flight *flight)
{
	pthread_mutex_lock(&here->mutex);
	bool is_last = --flight->users == 0;
	pthread_mutex_unlock(&here->mutex);
	if (!is_last)
		return;
	cor_buffer_finish(&flight->outcome);
	free(flight);
}
