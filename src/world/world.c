/* SPDX-License-Identifier: MIT */
#include "world/world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "world/network.h"
#include "world/poller.h"

#define EPOCH_NS (INT64_C(1767225600) * COR_NS_PER_S)

/* --- time and randomness --- */

static int64_t monotonic_ns(const struct cor_clock *clock)
{
	return WORLD_OF(clock, clock)->now_ns;
}

static int64_t realtime_ns(const struct cor_clock *clock)
{
	return WORLD_OF(clock, clock)->real_ns + monotonic_ns(clock);
}

static void sleep_until(const struct cor_clock *clock, int64_t due_ns)
{
	struct cor_world *world = WORLD_OF(clock, clock);

	if (due_ns > world->now_ns)
		world->now_ns = due_ns;
}

/* splitmix64 */
static unsigned char drawn(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (unsigned char)(z >> 56);
}

static void draw_bytes(const struct cor_random *random, void *ret, size_t bytes)
{
	struct cor_world *world = WORLD_OF(random, random);
	unsigned char *out = ret;

	for (size_t i = 0; i < bytes; i++)
		out[i] = world->seed ? drawn(&world->seed) : world->next_byte++;
}

int64_t cor_world_now_ns(const struct cor_world *world)
{
	return world->now_ns;
}

int64_t cor_world_due_ns(const struct cor_world *world)
{
	int64_t due_ns = COR_FOREVER;

	for (int i = 0; i < POLLS; i++)
		if (world->polls_open[i] && world->due_ns[i] < due_ns)
			due_ns = world->due_ns[i];
	return due_ns;
}

void cor_world_hold(struct cor_world *world, bool holds)
{
	world->holds = holds;
	world->idle = false;
}

bool cor_world_is_idle(const struct cor_world *world)
{
	return world->idle;
}

void cor_world_pass_ns(struct cor_world *world, int64_t ns)
{
	world->now_ns += ns;
}

void cor_world_pass_ms(struct cor_world *world, int64_t ms)
{
	cor_world_pass_ns(world, ms * COR_NS_PER_MS);
}

/* --- the world --- */

/* Its waits are by the monotonic clock of the system. */
static void init_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	if (pthread_condattr_init(&attributes) != 0 ||
		pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) != 0 ||
		pthread_cond_init(condition, &attributes) != 0)
		abort();
	pthread_condattr_destroy(&attributes);
}

struct cor_world *cor_world_create(void)
{
	struct cor_world *world = calloc(1, sizeof *world);

	if (!world)
		abort();
	world->clock = (struct cor_clock){ monotonic_ns, realtime_ns, sleep_until };
	world->random = (struct cor_random){ draw_bytes };
	world->transport = cor_network_transport;
	world->poller = cor_world_poller;
	world->now_ns = COR_NS_PER_S;
	world->real_ns = EPOCH_NS - COR_NS_PER_S;
	world->window = 65536;
	world->mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	init_condition(&world->moves);
	return world;
}

void cor_world_begin_at(struct cor_world *world, int64_t monotonic_ns, int64_t realtime_ns)
{
	world->now_ns = monotonic_ns;
	world->real_ns = realtime_ns - monotonic_ns;
}

void cor_world_seed(struct cor_world *world, uint64_t seed)
{
	world->seed = seed;
}

void cor_world_set_outside(struct cor_world *world, const struct cor_world_outside *outside)
{
	world->outside = *outside;
}

int64_t cor_world_waited_ns(const struct cor_world *world)
{
	return world->waited_ns;
}

void cor_world_destroy(struct cor_world *world)
{
	for (int i = 0; i < SOCKETS; i++) {
		if (world->sockets[i])
			free(world->sockets[i]->data);
		free(world->sockets[i]);
	}
	pthread_cond_destroy(&world->moves);
	free(world);
}

struct cor_seams cor_world_seams(struct cor_world *world)
{
	return (struct cor_seams){ &world->clock, &world->random, &world->transport,
		&world->poller };
}

uint64_t cor_world_polls(const struct cor_world *world)
{
	return world->polls;
}

int cor_world_connect(struct cor_world *world, const char *address)
{
	struct cor_address parsed;
	int rc = cor_address_parse(address, &parsed);

	if (rc < 0)
		return rc;
	int fd = world->transport.open(&world->transport, parsed.any.sa_family);
	if (fd < 0)
		return fd;
	rc = world->transport.connect(&world->transport, fd, &parsed);
	if (rc == 0)
		return fd;
	world->transport.close(&world->transport, fd);
	return rc;
}

ssize_t cor_world_send(struct cor_world *world, int socket, const char *text)
{
	return cor_network_send(world, socket, text, strlen(text));
}

ssize_t cor_world_send_bytes(struct cor_world *world, int socket, const void *data, size_t len)
{
	return cor_network_send(world, socket, data, len);
}

ssize_t cor_world_receive(struct cor_world *world, int socket, void *ret, size_t bytes)
{
	bool more;

	return cor_network_receive(world, socket, ret, bytes, &more);
}

bool cor_world_has_ended(const struct cor_world *world, int socket)
{
	return cor_world_socket_of(world, socket)->ended ||
	       cor_world_socket_of(world, socket)->reset;
}

void cor_world_shutdown(struct cor_world *world, int socket)
{
	(void)world->transport.shutdown(&world->transport, socket, SHUT_WR);
}

void cor_world_close(struct cor_world *world, int socket)
{
	world->transport.close(&world->transport, socket);
}

void cor_world_reset(struct cor_world *world, int socket)
{
	world->transport.abort(&world->transport, socket);
}

void cor_world_set_window(struct cor_world *world, size_t bytes)
{
	world->window = bytes;
}

void cor_world_set_piece(struct cor_world *world, size_t bytes)
{
	world->piece = bytes;
}

void cor_world_set_refusals(struct cor_world *world, unsigned every)
{
	world->refuse_every = every;
}

int cor_world_accept(struct cor_world *world, int listener)
{
	return world->transport.accept(&world->transport, listener, NULL);
}

static struct cor_address parsed_or_abort(const char *address)
{
	struct cor_address parsed;

	if (cor_address_parse(address, &parsed) < 0)
		abort();
	return parsed;
}

void cor_world_set_silent(struct cor_world *world, const char *address)
{
	int i = 0;

	while (i < SILENT - 1 && world->silent[i].bytes != 0)
		i++;
	world->silent[i] = parsed_or_abort(address);
}

void cor_world_answer(struct cor_world *world, const char *address)
{
	const struct cor_address parsed = parsed_or_abort(address);

	for (int i = 0; i < SILENT; i++)
		if (world->silent[i].bytes != 0 && cor_network_is_same(&world->silent[i], &parsed))
			world->silent[i].bytes = 0;
	for (int i = 0; i < SOCKETS; i++) {
		const struct cor_world_socket *socket = world->sockets[i];
		if (socket && socket->used && socket->connecting &&
			cor_network_is_same(&socket->remote, &parsed))
			cor_network_answer(world, i);
	}
}

int cor_world_sockets(const struct cor_world *world)
{
	int count = 0;

	for (int i = 0; i < SOCKETS; i++)
		count += world->sockets[i] && world->sockets[i]->used;
	return count;
}
