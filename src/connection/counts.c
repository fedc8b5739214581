/* SPDX-License-Identifier: MIT */
#include "connection/counts.h"

#include <stddef.h>

static void add(_Atomic uint64_t *sum, const _Atomic uint64_t *part)
{
	cor_count(sum, cor_counter_read(part));
}

const char *cor_refusal_name(enum cor_refusal refusal)
{
	static const char *const names[COR_REFUSALS] = {
		[COR_REFUSED_MALFORMED] = "malformed",
		[COR_REFUSED_LARGE] = "large",
		[COR_REFUSED_LATE] = "late",
		[COR_REFUSED_FIBERS] = "fibers",
		[COR_REFUSED_MEMORY] = "memory",
		[COR_REFUSED_QUEUE] = "queue",
		[COR_REFUSED_DEADLINE] = "deadline",
		[COR_REFUSED_PEER] = "peer",
		[COR_REFUSED_HANDSHAKE_LIMIT] = "limit",
		[COR_REFUSED_HANDSHAKE_LATE] = "late",
		[COR_REFUSED_HANDSHAKE_PLAIN] = "plain",
		[COR_REFUSED_HANDSHAKE_FAILED] = "failed",
		[COR_REFUSED_RULES] = "rules",
		[COR_REFUSED_FLOOD] = "flood",
		[COR_REFUSED_SILENT] = "silent",
	};

	return names[refusal];
}

void cor_counts_add(struct cor_counts *sum, const struct cor_counts *part)
{
	add(&sum->connections, &part->connections);
	add(&sum->handshakes, &part->handshakes);
	add(&sum->cut, &part->cut);
	add(&sum->bytes_received, &part->bytes_received);
	add(&sum->bytes_sent, &part->bytes_sent);
	for (size_t i = 0; i < COR_REFUSALS; i++)
		add(&sum->refused[i], &part->refused[i]);
}
