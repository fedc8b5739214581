/* SPDX-License-Identifier: MIT */
/** A value as a body: JSON, a form, or bytes. */
#ifndef CORACLE_CONTRACT_BODY_H
#define CORACLE_CONTRACT_BODY_H

#include "contract/run.h"

/** Write it. *ret_type is its Content-Type. */
struct cor_str cor_contract_body_write(struct cor_contract_run *run, const char *media,
	const struct cor_node *value, const char **ret_type);

/** Whether a form can carry the value: objects in it cannot. */
bool cor_contract_is_form(const struct cor_node *value);

/** The text of a scalar, as a parameter or a form has it. */
struct cor_str cor_contract_scalar(struct cor_contract_run *run, const struct cor_node *value);

#endif
