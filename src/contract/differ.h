/* SPDX-License-Identifier: MIT */
/** Another value of a schema: of items that must not be equal, and of the keys of a map. */
#ifndef CORACLE_CONTRACT_DIFFER_H
#define CORACLE_CONTRACT_DIFFER_H

#include "contract/run.h"

/**
 * A value like that one, which the schema allows and which is none of `taken`, an array. The value
 * itself where no other is found: the judge tells.
 */
struct cor_node *cor_contract_differing(struct cor_contract_run *run, const struct cor_node *taken,
	struct cor_node *value, const struct cor_node *schema);

#endif
