/* SPDX-License-Identifier: MIT */
/**
 * Which of several targets gets a call, and which are out.
 *
 * Nothing here waits or asks for the time: it comes in as a number.
 */
#ifndef CORACLE_CLIENT_BALANCE_H
#define CORACLE_CLIENT_BALANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/balance.h>
#include <coracle/client.h>

struct cor_target_state {
	uint32_t in_flight;
	uint32_t failures;  /* in a row */
	uint32_t ejections; /* so many in a row */
	bool is_out;
	bool is_probed;   /* a call is on its way that tells whether it may be in again */
	int64_t due_ms;   /* out until then */
	int64_t since_ms; /* in again since then */
	int64_t last_ms;  /* how long it was out */
};

struct cor_balancer {
	struct cor_balance rules; /* with numbers for all defaults */
	struct cor_target_state targets[COR_TARGETS_MAX];
	uint32_t len;
	uint32_t next; /* whose turn it is */
};

/** All are in; the first turn is chance's: of many threads, not all begin with the same. */
void cor_balancer_init(struct cor_balancer *balancer, const struct cor_balance *rules, uint32_t len,
	uint32_t chance);

/** A target that was chosen for a call. */
struct cor_pick {
	uint32_t index;
	bool is_probe;
	bool was_out; /* when it was chosen */
};

/**
 * Choose one. `tried` has a bit for each that has had this call already: they come last, but before
 * those that are out, and it is nobody's turn. Each pick is ended once.
 */
struct cor_pick cor_balancer_choose(struct cor_balancer *balancer, uint32_t tried, int64_t now_ms);

enum cor_target_verdict { COR_TARGET_UNJUDGED = 0, COR_TARGET_GOOD, COR_TARGET_BAD };

/** What a failure, or the status of an answer, says of the target. `status` 0: there is none. */
enum cor_target_verdict cor_target_judge(enum cor_failure kind, int status);

enum cor_target_change { COR_TARGET_STAYS = 0, COR_TARGET_RETURNS, COR_TARGET_LEAVES };

/** A head has come that is no 5xx: what is left of the answer may take its time. */
enum cor_target_change cor_balancer_answered(
	struct cor_balancer *balancer, const struct cor_pick *pick, int64_t now_ms);

/** The exchange is over. */
enum cor_target_change cor_balancer_end(struct cor_balancer *balancer, const struct cor_pick *pick,
	enum cor_target_verdict verdict, int64_t now_ms);

#endif
