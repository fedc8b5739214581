/* SPDX-License-Identifier: MIT */
/**
 * A test of the contract that runs: of one operation, and of one thing of it. In the process of the
 * test.
 */
#ifndef CORACLE_CONTRACT_RUN_H
#define CORACLE_CONTRACT_RUN_H

#include <coracle/test_contract.h>
#include <coracle/test_service.h>

#include "before/pass.h"
#include "contract/document.h"

struct cor_contract_item;
struct cor_contract_plan;
struct cor_pattern_room;
struct cor_contract_pattern;

/** Types inside one another: one that holds itself is not made, nor tried, in itself. */
struct cor_contract_open {
	const struct cor_node *types[16];
	size_t len;
};

struct cor_contract_run {
	struct cor_test *t;
	const struct cor_contract_plan *plan;
	const struct cor_contract_document *document;
	const struct cor_contract_operation *operation;
	const struct cor_contract_item *item;
	struct cor_arena arena; /* lives as long as the test */
	struct cor_pattern_room *room;
	struct cor_contract_pattern *patterns; /* that were compiled; patterns.h */
	struct cor_contract_open made, varied; /* types that are being made, and tried */
	unsigned keys;                         /* of Idempotency-Key that were made up */
	struct cor_before_pass before;         /* what was sent first, and what came of it */
	const char *secret;                    /* what .log_in has returned */
	bool has_logged_in;
};

/** Run a test. */
void cor_contract_test(struct cor_test *t, const struct cor_contract_item *item);

/** Memory of the test; without it the test ends. */
void *cor_contract_alloc(struct cor_contract_run *run, size_t bytes);
const char *cor_contract_printf(struct cor_contract_run *run, const char *format, ...)
	COR_PRINTF(2, 3);

/** The test has failed, at the place of cor_contract_main(), and goes on. */
void cor_contract_fail(struct cor_contract_run *run, const char *format, ...) COR_PRINTF(2, 3);

#endif
