/* SPDX-License-Identifier: MIT */
#include "outbound/race.h"

#include <errno.h>
#include <poll.h>

#include <coracle/clock.h>
#include <coracle/fiber.h>

#include "runtime/clock.h"
#include "runtime/scope.h"

#define CALL "cor_http_call"

/* Outside a fiber only one socket can be waited for: they take turns. */
#define TURN_MS 10

struct race {
	const struct cor_addresses *addresses;
	size_t next;    /* address to try */
	int64_t due_ns; /* when */
	size_t len;     /* attempts under way */
	struct cor_outbound_connection *attempts[COR_ADDRESSES_MAX];
	struct cor_outbound_connection *winner;
	struct cor_outbound_alarm alarm;
	struct cor_outbound_loss loss;
};

/* --- the order --- */

static size_t next_of(const struct cor_addresses *addresses, int family, size_t from, bool is_same)
{
	while (from < addresses->len && (addresses->list[from].any.sa_family == family) != is_same)
		from++;
	return from;
}

void cor_outbound_interleave(struct cor_addresses *addresses)
{
	const struct cor_addresses sorted = *addresses;
	int family = sorted.list[0].any.sa_family;
	size_t own = next_of(&sorted, family, 0, true);
	size_t other = next_of(&sorted, family, 0, false);

	for (size_t i = 0; i < sorted.len; i++) {
		bool takes_own = other == sorted.len || (own != sorted.len && i % 2 == 0);
		if (takes_own) {
			addresses->list[i] = sorted.list[own];
			own = next_of(&sorted, family, own + 1, true);
		} else {
			addresses->list[i] = sorted.list[other];
			other = next_of(&sorted, family, other + 1, false);
		}
	}
}

/* --- attempts --- */

/* It is ours that is missing: no other address will do better. */
static bool is_ours(int code)
{
	return code == -ENOMEM || code == -EMFILE || code == -ENFILE;
}

/* Refusal says that the host is there; what comes last says more than what came before. */
static void note_loss(struct race *race, int code, const struct cor_address *peer)
{
	if (race->loss.code == -ECONNREFUSED && code != -ECONNREFUSED)
		return;
	if (code == -ETIMEDOUT) /* the kernel's: no scope's */
		code = -EHOSTUNREACH;
	race->loss = (struct cor_outbound_loss){ code, *peer };
}

static int start_next(struct race *race)
{
	const struct cor_address *peer = &race->addresses->list[race->next++];
	struct cor_outbound_connection *connection;
	int rc = cor_outbound_start(peer, &connection);

	if (rc == 0) {
		race->winner = connection;
		return 0;
	}
	if (rc == -EINPROGRESS) {
		connection->alarm = &race->alarm;
		race->attempts[race->len++] = connection;
		race->due_ns = cor_clock_after_ms(cor_monotonic_ns(), COR_OUTBOUND_ATTEMPT_MS);
		return 0;
	}
	int scope = cor_scope_error();
	if (scope < 0 || is_ours(rc))
		return scope < 0 ? scope : rc;
	note_loss(race, rc, peer);
	return 0;
}

/* One is connected, or has failed: the next need not wait then. */
static void end_attempt(struct race *race, size_t at)
{
	struct cor_outbound_connection *connection = race->attempts[at];
	int rc = connection->transport->take_error(connection->transport, connection->watch.fd);

	race->attempts[at] = race->attempts[--race->len];
	if (rc == 0) {
		race->winner = connection;
		return;
	}
	note_loss(race, rc, &connection->peer);
	cor_outbound_close(connection);
	race->due_ns = 0;
}

static void end_attempts(struct race *race)
{
	for (size_t i = race->len; i > 0 && !race->winner; i--)
		if (race->attempts[i - 1]->state & COR_OUTBOUND_WRITABLE)
			end_attempt(race, i - 1);
}

/* --- waiting --- */

static int64_t until_ns(const struct race *race)
{
	return race->next < race->addresses->len ? race->due_ns : COR_FOREVER;
}

static int register_all(struct race *race)
{
	int rc = 0;

	for (size_t i = 0; i < race->len && rc == 0; i++)
		rc = cor_outbound_register(race->attempts[i]);
	return rc;
}

static int wait_in_fiber(struct race *race)
{
	struct cor_wait wait;
	int rc = register_all(race);

	if (rc < 0)
		return rc;
	cor_wait_begin(&wait, CALL);
	race->alarm = (struct cor_outbound_alarm){ &wait, COR_OUTBOUND_WRITABLE };
	rc = cor_wait(&wait, until_ns(race));
	race->alarm.wait = NULL;
	return rc == -ETIMEDOUT ? cor_scope_error() : rc;
}

static int64_t slice_ms(const struct race *race)
{
	int64_t left_ms = cor_scope_remaining_ms();
	int64_t until = until_ns(race);

	if (until != COR_FOREVER) {
		int64_t due_ms = (until - cor_monotonic_ns()) / COR_NS_PER_MS + 1;
		if (due_ms < 0)
			due_ms = 0;
		left_ms = due_ms < left_ms ? due_ms : left_ms;
	}
	return race->len > 1 && left_ms > TURN_MS ? TURN_MS : left_ms;
}

static int wait_in_thread(struct race *race)
{
	for (size_t i = 0; i < race->len; i++) {
		struct cor_outbound_connection *connection = race->attempts[i];
		const struct cor_transport *transport = connection->transport;
		int rc = cor_scope_error();

		if (rc < 0)
			return cor_wait_fail(CALL, rc);
		rc = transport->wait(transport, connection->watch.fd, POLLOUT, slice_ms(race));
		if (rc < 0)
			return rc;
		if (rc > 0) {
			connection->state |= COR_OUTBOUND_WRITABLE;
			return 0;
		}
	}
	return 0;
}

/* --- the whole --- */

static bool is_next_due(const struct race *race)
{
	return race->next < race->addresses->len &&
	       (race->len == 0 || race->due_ns <= cor_monotonic_ns());
}

static int run(struct race *race)
{
	int rc = cor_scope_error();

	while (rc == 0 && !race->winner) {
		if (is_next_due(race)) {
			rc = start_next(race);
			continue;
		}
		if (race->len == 0)
			return race->loss.code;
		rc = cor_fiber_current() ? wait_in_fiber(race) : wait_in_thread(race);
		if (rc == 0)
			end_attempts(race);
	}
	return rc;
}

int cor_outbound_race(const struct cor_addresses *addresses, struct cor_outbound_connection **ret,
	struct cor_outbound_loss *ret_loss)
{
	struct race race = { .addresses = addresses };
	int rc = run(&race);

	for (size_t i = 0; i < race.len; i++)
		cor_outbound_close(race.attempts[i]);
	if (rc != 0) {
		*ret_loss = race.loss;
		return rc;
	}
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): who all have lost have a code */
	race.winner->alarm = &race.winner->own_alarm;
	*ret = race.winner;
	return 0;
}
