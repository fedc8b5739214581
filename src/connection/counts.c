/* SPDX-License-Identifier: MIT */
#include "connection/counts.h"

#include <stddef.h>

static void add(_Atomic uint64_t *sum, const _Atomic uint64_t *part)
{
	cor_count(sum, cor_counter_read(part));
}

void cor_counts_add(struct cor_counts *sum, const struct cor_counts *part)
{
	add(&sum->connections, &part->connections);
	add(&sum->refused, &part->refused);
	add(&sum->cut, &part->cut);
	add(&sum->bytes_received, &part->bytes_received);
	add(&sum->bytes_sent, &part->bytes_sent);
}
