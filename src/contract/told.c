/* SPDX-License-Identifier: MIT */
#include "contract/told.h"

#include <stdatomic.h>

#define ITEM_BITS 20 /* of a number, and the others are of what is wrong */
#define ITEM_MASK ((UINT64_C(1) << ITEM_BITS) - 1)

/* FNV-1a; never 0 in the bits that are used. */
static uint64_t print_of(const char *text)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return (hash | UINT64_C(1) << ITEM_BITS) & ~ITEM_MASK;
}

const struct cor_contract_item *cor_contract_told_by(
	struct cor_contract_run *run, const char *fault)
{
	const struct cor_contract_plan *plan = run->plan;
	uint64_t own = print_of(fault), index = (uint64_t)(run->item - plan->items);

	if (index > ITEM_MASK)
		return NULL;
	for (size_t i = 0; i < COR_CONTRACT_TOLD_MAX; i++) {
		size_t place = ((own >> ITEM_BITS) + i) % COR_CONTRACT_TOLD_MAX;
		uint64_t there = 0;
		if (atomic_compare_exchange_strong(&plan->told[place], &there, own | index))
			return NULL;
		if ((there & ~ITEM_MASK) == own)
			return &plan->items[there & ITEM_MASK];
	}
	return NULL;
}
