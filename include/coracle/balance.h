/* SPDX-License-Identifier: MIT */
/**
 * An upstream that is several equal servers: which of them gets a call, and which get none for a
 * while.
 *
 *     static const struct cor_upstream prices = {
 *             .name = "prices",
 *             .targets = COR_TARGETS("http://a:8080", "http://b:8080"),
 *             .balance = &(const struct cor_balance){ .choice = COR_LEAST_IN_FLIGHT },
 *             .retries = 1,
 *     };
 *
 * A retry goes to another target than the one that failed, if one is in. A target that fails often
 * enough in a row (no connection, a timeout of the upstream's own, a lost or broken answer, a 5xx)
 * is ejected: it gets no calls. When its time is over it gets one, as a probe: if that is answered,
 * the target is in again; if not, it is out for twice as long. Once a target has been in for as
 * long as it was out, the first time counts again. If all are out, all are tried.
 *
 * Each thread has its own view of this.
 */
#ifndef CORACLE_BALANCE_H
#define CORACLE_BALANCE_H

#include <stdint.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

#define COR_TARGETS_MAX    32 /* of an upstream */
#define COR_EJECT_AFTER    5
#define COR_EJECTED_MS     10000
#define COR_EJECTED_MAX_MS 300000

/* clang-format off */

/** For .targets of an upstream: COR_TARGETS_MAX at most. */
#define COR_TARGETS(...) (const char *const[]) { __VA_ARGS__, NULL }

/* clang-format on */

struct cor_balance {
	/** One after the other, or who has the fewest calls of this thread on their way. */
	enum { COR_ROUND_ROBIN = 0, COR_LEAST_IN_FLIGHT } choice;
	/** COR_NOT_EJECTED: whatever they do. */
	enum { COR_EJECTED = 0, COR_NOT_EJECTED } ejection;
	/** After so many failures in a row. 0: COR_EJECT_AFTER. */
	uint32_t eject_after;
	/** For so long the first time, and twice as long each further time. 0: COR_EJECTED_MS. */
	uint32_t ejected_ms;
	/** But no longer than that. 0: COR_EJECTED_MAX_MS. */
	uint32_t ejected_max_ms;
};

COR_END_DECLS
#endif
