/* SPDX-License-Identifier: MIT */
#include "report/requests.h"

#include <string.h>

#define WORDS (sizeof(struct cor_request_list) / sizeof(uint64_t))

void cor_request_list_add(struct cor_request_list *list, const struct cor_request_row *row)
{
	uint32_t at = list->len;

	while (at != 0 && list->rows[at - 1].began_ns > row->began_ns)
		at--;
	if (list->len == COR_REQUESTS_LISTED_MAX)
		list->more++;
	else
		list->len++;
	if (at == COR_REQUESTS_LISTED_MAX)
		return;
	memmove(&list->rows[at + 1], &list->rows[at], (list->len - at - 1) * sizeof *row);
	list->rows[at] = *row;
}

void cor_worker_sums_add(struct cor_worker_sums *sum, const struct cor_worker_sums *part)
{
	sum->idle += part->idle;
	sum->receiving += part->receiving;
	sum->busy += part->busy;
	sum->ending += part->ending;
	sum->fibers += part->fibers;
	sum->memory_bytes += part->memory_bytes;
}

void cor_desk_answer(struct cor_desk *desk, uint32_t ring, const struct cor_request_list *list)
{
	cor_snapshot_write(&desk->snapshot, desk->room, list, WORDS);
	atomic_store(&desk->answered, ring);
}

/* Numbers wrap around. */
bool cor_desk_has_answered(const struct cor_desk *desk, uint32_t ring)
{
	return (int32_t)(atomic_load(&desk->answered) - ring) >= 0;
}

void cor_desk_read(const struct cor_desk *desk, struct cor_request_list *ret)
{
	cor_snapshot_read(&desk->snapshot, desk->room, ret, WORDS);
	if (ret->len > COR_REQUESTS_LISTED_MAX)
		ret->len = 0;
}
