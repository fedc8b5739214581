/* SPDX-License-Identifier: MIT */
#include "connection/group.h"

#include "connection/loop.h"
#include "origin/forwarded.h"

#define QUIET_NS (10 * (int64_t)COR_NS_PER_S)
#define AWAY_NS  (100 * (int64_t)COR_NS_PER_MS)

void cor_loops_init(struct cor_loop_group *group, uint32_t loops_len)
{
	const struct cor_siblings *siblings = group->share->siblings;

	group->loops_len = loops_len;
	cor_peers_init(&group->peers, group->share->connections_per_peer);
	group->peers.proxies = group->trust ? &group->trust->proxies : NULL;
	atomic_init(&group->crowd.bytes, 0);
	atomic_init(&group->crowd.tails, 0);
	atomic_init(&group->own_connections, 0);
	group->connections = siblings ? &siblings->table->items[siblings->self].connections
				      : &group->own_connections;
	atomic_init(&group->waiting, 0);
	atomic_init(&group->is_emptied, false);
	atomic_init(&group->undrained, loops_len);
	atomic_init(&group->handshakes, 0);
	atomic_init(&group->quiet_until_ns, INT64_MIN);
	atomic_init(&group->told_until_ns, INT64_MIN);
}

void cor_loops_finish(struct cor_loop_group *group)
{
	cor_peers_finish(&group->peers);
}

static bool try_slot(struct cor_loop_group *group)
{
	uint32_t now = atomic_load(group->connections);

	while (now < group->share->connections_max)
		if (atomic_compare_exchange_weak(group->connections, &now, now + 1)) {
			atomic_fetch_add(&group->undrained, 1);
			return true;
		}
	return false;
}

/* A slot that came free between the two looks has woken nobody. */
bool cor_loops_take_slot(struct cor_loop_group *group, struct cor_loop *loop)
{
	if (try_slot(group))
		return true;
	if (!atomic_exchange(&loop->waiting, true))
		atomic_fetch_add(&group->waiting, 1);
	if (!try_slot(group))
		return false;
	if (atomic_exchange(&loop->waiting, false))
		atomic_fetch_sub(&group->waiting, 1);
	return true;
}

static COR_COLD void wake_waiting(struct cor_loop_group *group)
{
	for (uint32_t i = 0; i < group->loops_len; i++) {
		struct cor_loop *loop = group->loops[i];

		if (!atomic_exchange(&loop->waiting, false))
			continue;
		atomic_fetch_sub(&group->waiting, 1);
		if (!atomic_exchange(&loop->slot_free_posted, true))
			cor_scheduler_post(loop->scheduler, &loop->slot_free);
	}
}

static void release(struct cor_loop_group *group, uint32_t count)
{
	if (atomic_fetch_sub(&group->undrained, count) == count)
		group->on_drained(group);
}

bool cor_loops_has_drained(const struct cor_loop_group *group)
{
	return atomic_load(&group->undrained) == 0;
}

void cor_loops_adopt(struct cor_loop_group *group)
{
	atomic_fetch_add(group->connections, 1);
	atomic_fetch_add(&group->undrained, 1);
}

void cor_loops_give_slot(struct cor_loop_group *group)
{
	atomic_fetch_sub(group->connections, 1);
	if (COR_UNLIKELY(atomic_load(&group->waiting) != 0))
		wake_waiting(group);
	release(group, 1);
}

/* A handler holds its thread: a client that it got would wait. */
static bool is_away(const struct cor_loop *loop, int64_t now_ns)
{
	return now_ns - cor_scheduler_back_ns(loop->scheduler) > AWAY_NS;
}

/* A loop that takes a client itself spares both a wake-up: small differences are let be. */
struct cor_loop *cor_loops_least_loaded(const struct cor_loop_group *group, struct cor_loop *loop)
{
	uint32_t own = atomic_load_explicit(&loop->connections_len, memory_order_relaxed);
	uint32_t least = own - own / 8;
	int64_t now_ns = cor_clock_now(loop->scheduler);
	struct cor_loop *best = loop;

	for (uint32_t i = 0; i < group->loops_len; i++) {
		struct cor_loop *other = group->loops[i];
		uint32_t count = atomic_load_explicit(
			&other->connections_len, memory_order_relaxed);
		if (count >= least || is_away(other, now_ns) ||
			atomic_load_explicit(&other->failed, memory_order_relaxed))
			continue;
		least = count;
		best = other;
	}
	return best;
}

void cor_loops_emptied(struct cor_loop_group *group)
{
	if (!atomic_exchange(&group->is_emptied, true))
		group->on_emptied(group);
	release(group, 1);
}

void cor_loops_abandon(struct cor_loop_group *group, uint32_t connections, bool is_emptied)
{
	atomic_fetch_sub(group->connections, connections);
	uint32_t count = connections + (is_emptied ? 0 : 1);
	if (count != 0)
		release(group, count);
}

bool cor_loops_may_complain(struct cor_loop_group *group, int64_t now_ns)
{
	return atomic_exchange(&group->quiet_until_ns, now_ns + QUIET_NS) <= now_ns;
}

bool cor_loops_may_tell(struct cor_loop_group *group, int64_t now_ns)
{
	int64_t until_ns = atomic_load(&group->told_until_ns);

	return until_ns <= now_ns &&
	       atomic_compare_exchange_strong(&group->told_until_ns, &until_ns, now_ns + QUIET_NS);
}
