/* SPDX-License-Identifier: MIT */
/**
 * What is to be driven: a test for each operation and each thing of it, and what the program says
 * of it. Made before the first test; all tests read it. What they have seen is in memory that all
 * of their processes share.
 */
#ifndef CORACLE_CONTRACT_PLAN_H
#define CORACLE_CONTRACT_PLAN_H

#include <coracle/test_contract.h>

#include "before/file.h"
#include "contract/document.h"
#include "contract/schema.h"

#define COR_CONTRACT_STATUSES 600

struct cor_contract_item;
struct cor_contract_run;

/** Drives one thing of an operation. */
typedef void cor_contract_drive(struct cor_contract_run *run, const struct cor_contract_item *item);

/** A test: a row of the case that is the operation. */
struct cor_contract_item {
	const char *name; /* "valid", "path id", "body /title" */
	const struct cor_contract_plan *plan;
	const struct cor_contract_operation *operation;
	cor_contract_drive *drive;
	const struct cor_contract_parameter *parameter; /* NULL: it is of none */
	struct cor_contract_property member;            /* of a body */
};

/** Of an operation; in memory that all tests share. */
struct cor_contract_seen {
	bool statuses[COR_CONTRACT_STATUSES];
};

/** What became of a test. */
enum cor_contract_fate {
	COR_CONTRACT_NOT_RUN = 0, /* it was not selected, or before.http does not pass */
	COR_CONTRACT_RAN,         /* or was left out, as the contract says */
	COR_CONTRACT_SHUT_OUT,    /* skipped: the contract has no credential that lets it in */
};

#define COR_CONTRACT_TOLD_MAX 1024 /* faults; what more there are is told each time */

struct cor_contract_plan {
	const struct cor_contract *contract;
	const char *file; /* of cor_contract_main() */
	int line;
	struct cor_contract_document document;
	struct cor_before *before; /* what is sent first, to each service */
	struct cor_contract_item *items;
	size_t len;
	struct cor_case *cases;         /* one for each operation */
	struct cor_contract_seen *seen; /* by operation; behind what was told */
	_Atomic uint64_t *told;         /* COR_CONTRACT_TOLD_MAX, for told.h */
	uint8_t *fates;                 /* enum cor_contract_fate, by item; behind that */
};

/**
 * Make it. Returns 0, -ENOMEM, or -COR_ETABLE: what is wrong with the service's tables, or with the
 * contract's, stands on standard error. The caller finishes it in any case.
 */
int cor_contract_plan_init(struct cor_contract_plan *plan, const struct cor_contract *contract,
	const char *file, int line) COR_CHECKED;
void cor_contract_plan_finish(struct cor_contract_plan *plan);

/** Why a test is left out; NULL: it is not. `name` NULL: all tests of the operation. */
const char *cor_contract_left_out(const struct cor_contract_plan *plan,
	const struct cor_contract_operation *operation, const char *name);

/** Whether valid values of a row may be answered with a status that refuses the input. */
bool cor_contract_may_refuse(const struct cor_contract_plan *plan,
	const struct cor_contract_operation *operation, const char *name, int status);

/** Why a status is not asked for; NULL: it is. */
const char *cor_contract_not_driven(const struct cor_contract_plan *plan,
	const struct cor_contract_operation *operation, int status);

/** What the contract gives for a row: the one of that number, from 0; NULL: no more. */
const char *cor_contract_input_of(const struct cor_contract_plan *plan,
	const struct cor_contract_operation *operation, const char *row, size_t number);

/** The schema of a body as JSON or form, and its media type; NULL: it has none of them. */
const struct cor_node *cor_contract_body_schema(
	const struct cor_contract_operation *operation, const char **ret_media);

#endif
