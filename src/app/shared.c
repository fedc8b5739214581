/* SPDX-License-Identifier: MIT */
#include "app/shared.h"

#include <unistd.h>

#include <coracle/random.h>

#include "master/crew.h"
#include "master/load.h"

struct slots {
	struct cor_counts counts[COR_SLOTS_MAX][COR_SHARED_THREADS_MAX];
};

_Static_assert(COR_SIBLINGS_MAX == COR_SLOTS_MAX, "a row for each worker");
_Static_assert(COR_DESKS == COR_SLOTS_MAX, "a desk for each worker");
_Static_assert(COR_TOPIC_DESKS == COR_SLOTS_MAX, "a desk for each worker");
_Static_assert(COR_VERDICT_SLOTS == COR_SLOTS_MAX, "a row for each worker");
_Static_assert(COR_LIMIT_SLOTS == COR_SLOTS_MAX, "a lock for each worker");

static int give_token(void *region, size_t bytes)
{
	struct cor_sibling_table *table = region;

	(void)bytes;
	cor_random_fill(&table->token, sizeof table->token);
	return 0;
}

enum region {
	COUNTS,
	SIBLINGS,
	BOARD,
	STACKS,
	LEDGER,
	TIMED,
	ROSTER,
	VERDICTS,
	DESKS,
	TICKETS,
	TOPICS,
	LIMITS,
	COOKIES,
	BREAKERS,
	ADAPTIVE_LIMITS,
	REGIONS
};

static const struct cor_region_options regions[REGIONS] = {
	[COUNTS] = { .name = "counts",
		.bytes = sizeof(struct slots),
		.fingerprint = sizeof(struct cor_counts) },
	[SIBLINGS] = { .name = "siblings",
		.bytes = sizeof(struct cor_sibling_table),
		.fingerprint = sizeof(struct cor_sibling),
		.init = give_token },
	[BOARD] = { .name = "figures",
		.bytes = sizeof(struct cor_board),
		.fingerprint = sizeof(struct cor_block),
		.init = cor_board_init },
	[STACKS] = { .name = "stacks",
		.bytes = COR_BLOCKS_MAX * sizeof(struct cor_stack_report),
		.fingerprint = sizeof(struct cor_stack_report) },
	[LEDGER] = { .name = "metrics",
		.bytes = sizeof(struct cor_ledger),
		.fingerprint = sizeof(struct cor_ledger_block),
		.init = cor_ledger_init },
	[TIMED] = { .name = "timed",
		.bytes = sizeof(struct cor_ledger),
		.fingerprint = sizeof(struct cor_ledger_block),
		.init = cor_ledger_init },
	[ROSTER] = { .name = "roster",
		.bytes = sizeof(struct cor_roster),
		.fingerprint = sizeof(struct cor_roster) },
	[VERDICTS] = { .name = "verdicts",
		.bytes = sizeof(struct cor_verdict_table),
		.fingerprint = sizeof(struct cor_verdict) },
	[DESKS] = { .name = "requests",
		.bytes = sizeof(struct cor_desks),
		.fingerprint = sizeof(struct cor_desk) },
	[TICKETS] = { .name = "tickets",
		.bytes = sizeof(struct cor_ticket_ring),
		.fingerprint = sizeof(struct cor_ticket_ring),
		.init = cor_ticket_ring_init },
	[TOPICS] = { .name = "topics",
		.bytes = sizeof(struct cor_topic_board),
		.fingerprint = sizeof(struct cor_topic_record),
		.init = cor_topic_board_init },
	[LIMITS] = { .name = "limits",
		.bytes = sizeof(struct cor_limit_table),
		.fingerprint = sizeof(struct cor_limit_entry),
		.init = cor_limit_table_init },
	[COOKIES] = { .name = "cookies",
		.bytes = sizeof(struct cor_cookie_secret),
		.fingerprint = sizeof(struct cor_cookie_secret),
		.init = cor_cookie_secret_init },
	[BREAKERS] = { .name = "breakers",
		.bytes = sizeof(struct cor_breaker_table),
		.fingerprint = sizeof(struct cor_breaker_state),
		.init = cor_breaker_table_init },
	[ADAPTIVE_LIMITS] = { .name = "adaptive",
		.bytes = sizeof(struct cor_adaptive_table),
		.fingerprint = sizeof(struct cor_adaptive_state),
		.init = cor_adaptive_table_init },
};

/* Twice what they take, with room for the rest: pages that nobody has written cost nothing. */
int cor_shared_create(size_t more_bytes, struct cor_segment *ret)
{
	size_t bytes = 2 * more_bytes;

	for (size_t i = 0; i < REGIONS; i++)
		bytes += 2 * regions[i].bytes;
	return cor_segment_create(bytes, ret);
}

/* NULL on failure. */
static void *find(struct cor_segment *segment, enum region which, int *ret_rc)
{
	void *region = NULL;

	*ret_rc = cor_segment_region(segment, &regions[which], &region);
	return region;
}

int cor_shared_counts(struct cor_segment *segment, uint32_t slot, struct cor_counts **ret)
{
	int rc;
	struct slots *slots = find(segment, COUNTS, &rc);

	if (slots)
		*ret = slots->counts[slot];
	return rc;
}

int cor_shared_siblings(struct cor_segment *segment, struct cor_sibling_table **ret)
{
	int rc;

	*ret = find(segment, SIBLINGS, &rc);
	return rc;
}

int cor_shared_board(struct cor_segment *segment, struct cor_board **ret)
{
	int rc;

	*ret = find(segment, BOARD, &rc);
	return rc;
}

int cor_shared_stacks(struct cor_segment *segment, struct cor_stack_report **ret)
{
	int rc;

	*ret = find(segment, STACKS, &rc);
	return rc;
}

int cor_shared_ledger(struct cor_segment *segment, struct cor_ledger **ret)
{
	int rc;

	*ret = find(segment, LEDGER, &rc);
	return rc;
}

int cor_shared_timed(struct cor_segment *segment, struct cor_ledger **ret)
{
	int rc;

	*ret = find(segment, TIMED, &rc);
	return rc;
}

int cor_shared_roster(struct cor_segment *segment, struct cor_roster **ret)
{
	int rc;

	*ret = find(segment, ROSTER, &rc);
	return rc;
}

int cor_shared_verdicts(struct cor_segment *segment, struct cor_verdict_table **ret)
{
	int rc;

	*ret = find(segment, VERDICTS, &rc);
	return rc;
}

int cor_shared_desks(struct cor_segment *segment, struct cor_desks **ret)
{
	int rc;

	*ret = find(segment, DESKS, &rc);
	return rc;
}

/* Each region, as this program wants it. */
static int check_regions(struct cor_segment *segment)
{
	struct cor_load *loads;
	int rc = cor_loads_find(segment, &loads);

	for (size_t i = 0; rc == 0 && i < REGIONS; i++)
		(void)find(segment, (enum region)i, &rc);
	return rc;
}

int cor_shared_adopt(int fd, struct cor_segment *ret)
{
	struct cor_segment segment;
	int rc = cor_segment_attach(fd, &segment);

	if (rc < 0) {
		close(fd);
		return rc;
	}
	rc = check_regions(&segment);
	if (rc < 0)
		cor_segment_detach(&segment);
	else
		*ret = segment;
	return rc;
}

int cor_shared_tickets(struct cor_segment *segment, struct cor_ticket_ring **ret)
{
	int rc;

	*ret = find(segment, TICKETS, &rc);
	return rc;
}

int cor_shared_cookie_secret(struct cor_segment *segment, struct cor_cookie_secret **ret)
{
	int rc;

	*ret = find(segment, COOKIES, &rc);
	return rc;
}

int cor_shared_topics(struct cor_segment *segment, struct cor_topic_board **ret)
{
	int rc;

	*ret = find(segment, TOPICS, &rc);
	return rc;
}

int cor_shared_limits(struct cor_segment *segment, struct cor_limit_table **ret)
{
	int rc;

	*ret = find(segment, LIMITS, &rc);
	return rc;
}

int cor_shared_breakers(struct cor_segment *segment, struct cor_breaker_table **ret)
{
	int rc;

	*ret = find(segment, BREAKERS, &rc);
	return rc;
}

int cor_shared_adaptive_limits(struct cor_segment *segment, struct cor_adaptive_table **ret)
{
	int rc;

	*ret = find(segment, ADAPTIVE_LIMITS, &rc);
	return rc;
}
