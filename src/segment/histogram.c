/* SPDX-License-Identifier: MIT */
#include "segment/histogram.h"

#include <errno.h>

int cor_histogram_bounds_init(
	struct cor_histogram_bounds *bounds, const uint64_t *upper, size_t len)
{
	uint8_t of_bits[65] = { 0 };

	if (len == 0 || len > COR_HISTOGRAM_BOUNDS_MAX)
		return -EINVAL;
	*bounds = (struct cor_histogram_bounds){ .len = (uint8_t)len };
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && upper[i] <= upper[i - 1])
			return -EINVAL;
		bounds->upper[i] = upper[i];
		of_bits[cor_histogram_bits(upper[i])]++;
	}
	bounds->upper[len] = UINT64_MAX;
	for (unsigned bits = 1; bits <= 64; bits++) {
		bounds->first[bits] = bounds->first[bits - 1] + of_bits[bits - 1];
		if (of_bits[bits] > bounds->most)
			bounds->most = of_bits[bits];
	}
	return 0;
}

void cor_histogram_add(struct cor_histogram_total *total,
	const struct cor_histogram_cells *histogram, const struct cor_histogram_bounds *bounds)
{
	for (size_t i = 0; i <= bounds->len; i++) {
		uint64_t cell = cor_counter_read(&histogram->cells[i]);
		total->cells[i] += cell;
		total->count += cell;
	}
	total->sum += cor_counter_read(&histogram->sum);
}
