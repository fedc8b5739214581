/* SPDX-License-Identifier: MIT */
#include "client/latency.h"

#include <stdlib.h>
#include <string.h>

void cor_latency_add(struct cor_latency *latency, int64_t took_ns)
{
	int64_t us = took_ns / 1000;

	latency->took_us[latency->next] = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
	latency->next = (latency->next + 1) % COR_LATENCY_ANSWERS;
	if (latency->len < COR_LATENCY_ANSWERS)
		latency->len++;
	latency->fresh++;
}

static int by_time(const void *a, const void *b)
{
	uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;

	return (first > second) - (first < second);
}

uint32_t cor_latency_us(struct cor_latency *latency, uint32_t percentile)
{
	uint32_t sorted[COR_LATENCY_ANSWERS];

	if (latency->len == 0)
		return 0;
	if (latency->percentile == percentile && latency->fresh * 8 < latency->len)
		return latency->found_us;
	memcpy(sorted, latency->took_us, latency->len * sizeof *sorted);
	qsort(sorted, latency->len, sizeof *sorted, by_time);
	latency->fresh = 0;
	latency->percentile = percentile;
	latency->found_us = sorted[(latency->len * percentile - 1) / 100];
	return latency->found_us;
}
