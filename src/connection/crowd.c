/* SPDX-License-Identifier: MIT */
#include "connection/crowd.h"

#include "connection/connection.h"

static uint64_t limit_of(const struct cor_loop *loop)
{
	return loop->group->share->unsent_max_bytes;
}

/* One alone may be as large as it is. */
static bool is_crowded(const struct cor_loop *loop)
{
	const struct cor_crowd *crowd = &loop->group->crowd;

	return atomic_load(&crowd->bytes) > limit_of(loop) && atomic_load(&crowd->tails) > 1;
}

static struct cor_tail *slowest_above_share(
	const struct cor_loop *loop, const struct cor_connection *spared)
{
	uint32_t tails = atomic_load(&loop->group->crowd.tails);
	uint64_t share = limit_of(loop) / (tails != 0 ? tails : 1);
	struct cor_tail *tail = loop->tails;

	while (tail && (tail->len <= share || tail->connection == spared))
		tail = tail->next;
	return tail;
}

/*
 * Its memory goes at once; the connection itself when its timer fires, since others may be looking
 * at it now.
 */
static void give_up(struct cor_connection *c)
{
	cor_connection_lose_to(c, COR_LOSS_CROWD);
	cor_connection_drop_output(c);
	cor_timer_arm(c->loop->scheduler, &c->timer, cor_clock_now(c->loop->scheduler));
}

/* Returns false if it is too much still. */
static bool thin(struct cor_loop *loop, const struct cor_connection *spared)
{
	struct cor_tail *tail = NULL;

	while (is_crowded(loop) && (tail = slowest_above_share(loop, spared)))
		if (cor_tail_stops_counting(tail, limit_of(loop)))
			give_up(tail->connection);
	return !is_crowded(loop);
}

/* Together the loops have a tail above the share, or it would not be too much. */
static void tell_all(const struct cor_loop_group *group)
{
	for (uint32_t i = 0; i < group->loops_len; i++) {
		struct cor_loop *loop = group->loops[i];

		if (!atomic_load(&loop->failed) && !atomic_exchange(&loop->crowded_posted, true))
			cor_scheduler_post(loop->scheduler, &loop->crowded);
	}
}

/* The one that has grown may have to go, but not under the feet of whoever sends on it. */
COR_COLD void cor_crowd_thin(struct cor_loop *loop, const struct cor_connection *grown)
{
	if (!thin(loop, grown))
		tell_all(loop->group);
}

void cor_crowd_told(struct cor_task *task)
{
	struct cor_loop *loop = cor_container_of(task, struct cor_loop, crowded);

	atomic_store(&loop->crowded_posted, false);
	(void)thin(loop, NULL);
}
