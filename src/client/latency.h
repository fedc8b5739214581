/* SPDX-License-Identifier: MIT */
/**
 * How long the last answers of an upstream have taken, to their heads.
 *
 * Nothing here waits or asks for the time. It belongs to a thread.
 */
#ifndef CORACLE_CLIENT_LATENCY_H
#define CORACLE_CLIENT_LATENCY_H

#include <stdint.h>

#define COR_LATENCY_ANSWERS 128

struct cor_latency {
	uint32_t took_us[COR_LATENCY_ANSWERS]; /* the oldest is overwritten */
	uint32_t len;
	uint32_t next;
	uint32_t fresh; /* that came since the percentile was found */
	uint32_t percentile;
	uint32_t found_us;
};

/** An answer has come. */
void cor_latency_add(struct cor_latency *latency, int64_t took_ns);

/**
 * The time within which so many of a hundred came, in microseconds: found anew when an eighth of
 * the answers are new.
 */
uint32_t cor_latency_us(struct cor_latency *latency, uint32_t percentile);

#endif
