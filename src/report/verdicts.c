/* SPDX-License-Identifier: MIT */
#include "report/verdicts.h"

#define WORDS (sizeof(struct cor_verdict) / sizeof(uint64_t))

void cor_verdict_write(struct cor_verdict_row *row, uint32_t at, const struct cor_verdict *verdict)
{
	struct cor_verdict_cell *cell = &row->cells[at];

	cor_snapshot_write(&cell->snapshot, cell->room, verdict, WORDS);
}

/* Nobody owns it while half of it is the previous worker's. */
void cor_verdicts_begin(
	struct cor_verdict_row *row, int32_t pid, const struct cor_verdict *verdicts, uint32_t len)
{
	atomic_store(&row->pid, 0);
	for (uint32_t i = 0; i < len; i++)
		cor_verdict_write(row, i, &verdicts[i]);
	atomic_store(&row->len, len);
	atomic_store(&row->pid, pid);
}

int32_t cor_verdicts_len(const struct cor_verdict_row *row, int32_t pid)
{
	uint32_t len = atomic_load(&row->len);

	if (atomic_load(&row->pid) != pid || len > COR_VERDICTS_MAX)
		return -1;
	return (int32_t)len;
}

struct cor_verdict cor_verdict_read(const struct cor_verdict_row *row, uint32_t at)
{
	const struct cor_verdict_cell *cell = &row->cells[at];
	struct cor_verdict verdict;

	cor_snapshot_read(&cell->snapshot, cell->room, &verdict, WORDS);
	return verdict;
}
