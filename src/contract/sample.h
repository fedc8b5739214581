/* SPDX-License-Identifier: MIT */
/** Values of a schema, made of what it says; an example comes first. */
#ifndef CORACLE_CONTRACT_SAMPLE_H
#define CORACLE_CONTRACT_SAMPLE_H

#include "contract/run.h"

enum cor_contract_extent {
	COR_CONTRACT_MINIMAL = 0, /* what is required */
	COR_CONTRACT_FULL,        /* and all that is optional */
};

/** A value, in memory of the test. Not always a valid one: the judge tells. */
struct cor_node *cor_contract_sample(struct cor_contract_run *run, const struct cor_node *schema,
	enum cor_contract_extent extent, int depth);

/** One of a branch of a union, with the member that says so. */
struct cor_node *cor_contract_sample_branch(struct cor_contract_run *run,
	const struct cor_node *schema, size_t branch, enum cor_contract_extent extent, int depth);

/** A text of so many characters that obeys the pattern and the format; NULL: none is known. */
const char *cor_contract_sample_text(
	struct cor_contract_run *run, const struct cor_node *schema, size_t least, size_t most);

/** An array of so many items, which differ where they must; NULL: they cannot. */
struct cor_node *cor_contract_sample_items(struct cor_contract_run *run,
	const struct cor_node *schema, size_t len, enum cor_contract_extent extent, int depth);

#endif
