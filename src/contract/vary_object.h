/* SPDX-License-Identifier: MIT */
/** Values of objects, maps and unions, as vary.h has them. */
#ifndef CORACLE_CONTRACT_VARY_OBJECT_H
#define CORACLE_CONTRACT_VARY_OBJECT_H

#include "contract/vary.h"

/** Those of one member that the schema names: left out, and what its own schema says. */
void cor_contract_vary_member(struct cor_contract_run *run, const struct cor_node *schema,
	const struct cor_contract_property *property, cor_contract_emit *emit, void *self,
	int depth);

/** Those of the object itself; at a depth of 0 without its members. */
void cor_contract_vary_object(struct cor_contract_run *run, const struct cor_node *schema,
	cor_contract_emit *emit, void *self, int depth);

void cor_contract_vary_union(struct cor_contract_run *run, const struct cor_node *schema,
	cor_contract_emit *emit, void *self, int depth);

#endif
