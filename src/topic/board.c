/* SPDX-License-Identifier: MIT */
#include "topic/board.h"

#include <errno.h>
#include <string.h>

int cor_topic_board_init(void *region, size_t bytes)
{
	struct cor_topic_board *board = region;

	(void)bytes;
	return cor_lock_init(&board->lock);
}

/* A ring counts when it is whole: that of a process that has died is made again. */
static int repair(void *arg)
{
	(void)arg;
	return 0;
}

static int find(struct cor_topic_board *board, const char *name, uint64_t first_id,
	struct cor_topic_ring **ret)
{
	uint32_t len = atomic_load(&board->len);

	for (uint32_t i = 0; i < len; i++) {
		*ret = &board->rings[i];
		if (strcmp((*ret)->name, name) == 0)
			return 0;
	}
	if (len == COR_TOPICS_MAX)
		return -ENOSPC;
	*ret = &board->rings[len];
	int rc = cor_topic_ring_init(*ret, name, first_id);
	if (rc == 0)
		atomic_store(&board->len, len + 1);
	return rc;
}

int cor_topic_board_ring(struct cor_topic_board *board, const char *name, uint64_t first_id,
	struct cor_topic_ring **ret)
{
	struct cor_topic_ring *ring = NULL;
	int rc = cor_lock_take(&board->lock, repair, board);

	if (rc < 0)
		return rc;
	rc = find(board, name, first_id, &ring);
	cor_lock_give(&board->lock);
	if (rc == 0)
		*ret = ring;
	return rc;
}

struct cor_topic_desk *cor_topic_board_desk(struct cor_topic_board *board, uint32_t slot)
{
	uint32_t len = atomic_load(&board->desks_len);

	while (len <= slot && !atomic_compare_exchange_weak(&board->desks_len, &len, slot + 1))
		;
	return &board->desks[slot];
}

void cor_topic_board_call(struct cor_topic_board *board, const struct cor_topic_desk *own)
{
	uint32_t len = atomic_load(&board->desks_len);

	for (uint32_t i = 0; i < len; i++) {
		struct cor_topic_desk *desk = &board->desks[i];
		if (desk == own)
			continue;
		if (atomic_load(&desk->is_asleep) && atomic_exchange(&desk->is_asleep, 0))
			cor_doorbell_ring(&desk->bell);
	}
}
