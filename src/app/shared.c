/* SPDX-License-Identifier: MIT */
#include "app/shared.h"

#include <unistd.h>

#include <coracle/random.h>

#include "master/crew.h"
#include "master/load.h"

struct slots {
	struct cor_counts counts[COR_SLOTS_MAX][COR_SHARED_THREADS_MAX];
};

/* Pages that nobody has written cost nothing. */
#define SEGMENT_BYTES                                                                              \
	(2 * sizeof(struct slots) + 2 * sizeof(struct cor_sibling_table) +                         \
		2 * sizeof(struct cor_board) + 2 * sizeof(struct cor_ledger) +                     \
		2 * COR_BLOCKS_MAX * sizeof(struct cor_stack_report) +                             \
		2 * sizeof(struct cor_roster) + 2 * sizeof(struct cor_verdict_table) +             \
		2 * sizeof(struct cor_desks))

_Static_assert(COR_SIBLINGS_MAX == COR_SLOTS_MAX, "a row for each worker");
_Static_assert(COR_DESKS == COR_SLOTS_MAX, "a desk for each worker");
_Static_assert(COR_VERDICT_SLOTS == COR_SLOTS_MAX, "a row for each worker");

int cor_shared_create(struct cor_segment *ret)
{
	return cor_segment_create(SEGMENT_BYTES, ret);
}

int cor_shared_counts(struct cor_segment *segment, uint32_t slot, struct cor_counts **ret)
{
	const struct cor_region_options options = {
		.name = "counts",
		.bytes = sizeof(struct slots),
		.fingerprint = sizeof(struct cor_counts),
	};
	void *region;
	int rc = cor_segment_region(segment, &options, &region);

	if (rc == 0)
		*ret = ((struct slots *)region)->counts[slot];
	return rc;
}

static int give_token(void *region, size_t bytes)
{
	struct cor_sibling_table *table = region;

	(void)bytes;
	cor_random_fill(&table->token, sizeof table->token);
	return 0;
}

int cor_shared_siblings(struct cor_segment *segment, struct cor_sibling_table **ret)
{
	const struct cor_region_options options = {
		.name = "siblings",
		.bytes = sizeof(struct cor_sibling_table),
		.fingerprint = sizeof(struct cor_sibling),
		.init = give_token,
	};
	void *region;
	int rc = cor_segment_region(segment, &options, &region);

	if (rc == 0)
		*ret = region;
	return rc;
}

int cor_shared_board(struct cor_segment *segment, struct cor_board **ret)
{
	const struct cor_region_options options = {
		.name = "figures",
		.bytes = sizeof(struct cor_board),
		.fingerprint = sizeof(struct cor_block),
		.init = cor_board_init,
	};
	void *region;
	int rc = cor_segment_region(segment, &options, &region);

	if (rc == 0)
		*ret = region;
	return rc;
}

int cor_shared_stacks(struct cor_segment *segment, struct cor_stack_report **ret)
{
	const struct cor_region_options options = {
		.name = "stacks",
		.bytes = COR_BLOCKS_MAX * sizeof(struct cor_stack_report),
		.fingerprint = sizeof(struct cor_stack_report),
	};
	void *region;
	int rc = cor_segment_region(segment, &options, &region);

	if (rc == 0)
		*ret = region;
	return rc;
}

int cor_shared_ledger(struct cor_segment *segment, struct cor_ledger **ret)
{
	const struct cor_region_options options = {
		.name = "metrics",
		.bytes = sizeof(struct cor_ledger),
		.fingerprint = sizeof(struct cor_ledger_block),
		.init = cor_ledger_init,
	};
	void *region;
	int rc = cor_segment_region(segment, &options, &region);

	if (rc == 0)
		*ret = region;
	return rc;
}

int cor_shared_roster(struct cor_segment *segment, struct cor_roster **ret)
{
	const struct cor_region_options options = {
		.name = "roster",
		.bytes = sizeof(struct cor_roster),
		.fingerprint = sizeof(struct cor_roster),
	};
	void *region;
	int rc = cor_segment_region(segment, &options, &region);

	if (rc == 0)
		*ret = region;
	return rc;
}

int cor_shared_verdicts(struct cor_segment *segment, struct cor_verdict_table **ret)
{
	const struct cor_region_options options = {
		.name = "verdicts",
		.bytes = sizeof(struct cor_verdict_table),
		.fingerprint = sizeof(struct cor_verdict),
	};
	void *region;
	int rc = cor_segment_region(segment, &options, &region);

	if (rc == 0)
		*ret = region;
	return rc;
}

int cor_shared_desks(struct cor_segment *segment, struct cor_desks **ret)
{
	const struct cor_region_options options = {
		.name = "requests",
		.bytes = sizeof(struct cor_desks),
		.fingerprint = sizeof(struct cor_desk),
	};
	void *region;
	int rc = cor_segment_region(segment, &options, &region);

	if (rc == 0)
		*ret = region;
	return rc;
}

/* Each region, as this program wants it. */
static int check_regions(struct cor_segment *segment)
{
	struct cor_sibling_table *siblings;
	struct cor_counts *counts;
	struct cor_roster *roster;
	struct cor_board *board;
	struct cor_verdict_table *verdicts;
	struct cor_desks *desks;
	struct cor_load *loads;
	int rc = cor_shared_roster(segment, &roster);

	if (rc == 0)
		rc = cor_shared_counts(segment, 0, &counts);
	if (rc == 0)
		rc = cor_shared_siblings(segment, &siblings);
	if (rc == 0)
		rc = cor_shared_board(segment, &board);
	if (rc == 0)
		rc = cor_shared_verdicts(segment, &verdicts);
	if (rc == 0)
		rc = cor_shared_desks(segment, &desks);
	return rc < 0 ? rc : cor_loads_find(segment, &loads);
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
