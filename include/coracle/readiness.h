/* SPDX-License-Identifier: MIT */
/**
 * Readiness checks: what a service depends on, asked again and again, so that its /ready tells
 * whether clients should be sent to it.
 *
 *     static int check_database(struct cor_ctx *ctx, void *state)
 *     {
 *             const struct shop *shop = state;
 *
 *             return shop_ping(shop) ? 0 : cor_problem(ctx, 503, 0, "no answer to a ping");
 *     }
 *     static const struct cor_readiness database = { .name = "database", .check = check_database };
 *
 *     static const struct cor_service shop = {
 *             ...
 *             .readiness = COR_READINESS(&database),
 *     };
 *
 * Each worker runs them where its handlers run, so that they use the connections that requests use.
 * A probe reads the last results and waits for nobody, however long a check takes. No check has a
 * part in /live: a restart does not fix what another service has broken.
 */
#ifndef CORACLE_READINESS_H
#define CORACLE_READINESS_H

#include <stdint.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

struct cor_ctx;

#define COR_READINESS_MAX        16 /* checks of a service */
#define COR_READINESS_NAME_BYTES 48 /* of the name of one, with its NUL */

/** A check: constant data. */
struct cor_readiness {
	/** For people and /ready?verbose; another one for each check. */
	const char *name;

	/**
	 * Returns 0: all is well. A negative code, that of cor_problem() with a text or a bare one,
	 * fails the check; the text is shown to operators. A positive number is a defect, and
	 * fails, too.
	 *
	 * It runs on a fiber of its own on the first thread of each worker, for the first time when
	 * that listens, and yields as a handler does. What blocks or computes holds the clients of
	 * that thread. `state` is what the start hook made, and cor_thread_state(ctx) that of the
	 * first thread; ctx and its memory end with the run. At the end of the service its waits
	 * return -ECANCELED.
	 */
	int (*check)(struct cor_ctx *ctx, void *state);

	/**
	 * For one run: its waits return -ETIMEDOUT then, and what has not come back a moment later
	 * is still shown as failed. 0: 1,000.
	 */
	uint32_t timeout_ms;

	/**
	 * From the end of a run to the next one, which never starts before. A result counts until
	 * the next one is there. 0: 5,000.
	 */
	uint32_t period_ms;

	/** An optional one is shown when it fails, but /ready is still 200. */
	enum { COR_READINESS_REQUIRED = 0, COR_READINESS_OPTIONAL } need;
};

/* clang-format off */

/** For .readiness of the service. */
#define COR_READINESS(...) \
	(const struct cor_readiness *const[]) { __VA_ARGS__, NULL }

/* clang-format on */

COR_END_DECLS
#endif
