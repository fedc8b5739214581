/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "network.h"
#include "poller.h"

#define EPOCH_NS (INT64_C(1767225600) * COR_NS_PER_S)

/* --- time and randomness --- */

static int64_t monotonic_ns(const struct cor_clock *clock)
{
	return WORLD_OF(clock, clock)->now_ns;
}

static int64_t realtime_ns(const struct cor_clock *clock)
{
	return EPOCH_NS + monotonic_ns(clock) - COR_NS_PER_S;
}

static void sleep_until(const struct cor_clock *clock, int64_t due_ns)
{
	struct world *world = WORLD_OF(clock, clock);

	if (due_ns > world->now_ns)
		world->now_ns = due_ns;
}

static void count_bytes(const struct cor_random *random, void *ret, size_t bytes)
{
	struct world *world = WORLD_OF(random, random);
	unsigned char *out = ret;

	for (size_t i = 0; i < bytes; i++)
		out[i] = world->next_byte++;
}

int64_t world_now_ns(const struct world *world)
{
	return world->now_ns;
}

void world_pass_ns(struct world *world, int64_t ns)
{
	world->now_ns += ns;
}

void world_pass_ms(struct world *world, int64_t ms)
{
	world_pass_ns(world, ms * COR_NS_PER_MS);
}

/* --- the world --- */

struct world *world_create(void)
{
	struct world *world = calloc(1, sizeof *world);

	if (!world)
		abort();
	world->clock = (struct cor_clock){ monotonic_ns, realtime_ns, sleep_until };
	world->random = (struct cor_random){ count_bytes };
	world->transport = network_transport;
	world->poller = world_poller;
	world->now_ns = COR_NS_PER_S;
	world->window = 65536;
	return world;
}

void world_destroy(struct world *world)
{
	for (int i = 0; i < SOCKETS; i++) {
		if (world->sockets[i])
			free(world->sockets[i]->data);
		free(world->sockets[i]);
	}
	free(world);
}

struct cor_seams world_seams(struct world *world)
{
	return (struct cor_seams){ &world->clock, &world->random, &world->transport,
		&world->poller };
}

/* Turn each once. Returns whether one had something to do, or soon will. */
static bool turn_all(struct world *world, struct world_cast *cast, int *ret_rc)
{
	bool busy = false;

	for (size_t i = 0; i < cast->len && *ret_rc >= 0; i++) {
		if (!cast->schedulers[i])
			continue;
		world->idle = false;
		*ret_rc = cor_scheduler_turn(cast->schedulers[i], COR_TURN_WAIT);
		busy = busy || !world->idle;
		if (*ret_rc == 0)
			cast->schedulers[i] = NULL;
	}
	for (size_t i = 0; i < cast->len; i++)
		busy = busy || (cast->schedulers[i] && atomic_load(&cast->schedulers[i]->inbox));
	return busy;
}

static bool all_ended(const struct world_cast *cast)
{
	for (size_t i = 0; i < cast->len; i++)
		if (cast->schedulers[i])
			return false;
	return true;
}

/* A scheduler may see what another did only in its next turn: this takes two quiet rounds. */
int world_settle_all(struct world *world, struct world_cast *cast)
{
	int rc = 1;

	world->holds = true;
	for (int quiet = 0; quiet < 2 && rc >= 0 && !all_ended(cast);)
		quiet = turn_all(world, cast, &rc) ? 0 : quiet + 1;
	world->holds = false;
	return rc < 0 ? rc : !all_ended(cast);
}

int world_settle(struct world *world, struct cor_scheduler *scheduler)
{
	struct world_cast cast = { { scheduler }, 1 };

	return world_settle_all(world, &cast);
}

int world_run(struct world *world, struct cor_scheduler *scheduler)
{
	(void)world;
	return cor_scheduler_run(scheduler);
}

/* The next timer until then. One of a loop that has ended no longer fires, and may be past. */
static int64_t next_due_ns(const struct world *world, int64_t until_ns)
{
	for (int i = 0; i < POLLS; i++)
		if (world->due_ns[i] > world->now_ns && world->due_ns[i] < until_ns)
			until_ns = world->due_ns[i];
	return until_ns;
}

int world_run_until(struct world *world, struct world_cast *cast, int64_t at_ns)
{
	int rc = world_settle_all(world, cast);

	while (rc > 0 && world->now_ns < at_ns) {
		sleep_until(&world->clock, next_due_ns(world, at_ns));
		rc = world_settle_all(world, cast);
	}
	return rc;
}

uint64_t world_polls(const struct world *world)
{
	return world->polls;
}

int world_connect(struct world *world, const char *address)
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

ssize_t world_send(struct world *world, int socket, const char *text)
{
	return network_send(world, socket, text, strlen(text));
}

ssize_t world_send_bytes(struct world *world, int socket, const void *data, size_t len)
{
	return network_send(world, socket, data, len);
}

ssize_t world_receive(struct world *world, int socket, void *ret, size_t bytes)
{
	bool more;

	return network_receive(world, socket, ret, bytes, &more);
}

bool world_has_ended(const struct world *world, int socket)
{
	return socket_of(world, socket)->ended || socket_of(world, socket)->reset;
}

void world_shutdown(struct world *world, int socket)
{
	(void)world->transport.shutdown(&world->transport, socket, SHUT_WR);
}

void world_close(struct world *world, int socket)
{
	world->transport.close(&world->transport, socket);
}

void world_reset(struct world *world, int socket)
{
	world->transport.abort(&world->transport, socket);
}

void world_set_window(struct world *world, size_t bytes)
{
	world->window = bytes;
}

void world_set_piece(struct world *world, size_t bytes)
{
	world->piece = bytes;
}

void world_set_refusals(struct world *world, unsigned every)
{
	world->refuse_every = every;
}

int world_listen(struct world *world, const char *address)
{
	struct cor_address parsed;
	int rc = cor_address_parse(address, &parsed);

	return rc < 0 ? rc
		      : cor_transport_listen(&world->transport, &parsed,
				&(struct cor_listen_options){ .backlog = 8 }, NULL);
}

int world_accept(struct world *world, int listener)
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

void world_set_silent(struct world *world, const char *address)
{
	int i = 0;

	while (i < SILENT - 1 && world->silent[i].bytes != 0)
		i++;
	world->silent[i] = parsed_or_abort(address);
}

void world_answer(struct world *world, const char *address)
{
	const struct cor_address parsed = parsed_or_abort(address);

	for (int i = 0; i < SILENT; i++)
		if (world->silent[i].bytes != 0 && network_is_same(&world->silent[i], &parsed))
			world->silent[i].bytes = 0;
	for (int i = 0; i < SOCKETS; i++) {
		const struct socket *socket = world->sockets[i];
		if (socket && socket->used && socket->connecting &&
			network_is_same(&socket->remote, &parsed))
			network_answer(world, i);
	}
}

int world_sockets(const struct world *world)
{
	int count = 0;

	for (int i = 0; i < SOCKETS; i++)
		count += world->sockets[i] && world->sockets[i]->used;
	return count;
}
