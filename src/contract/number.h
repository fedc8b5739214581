/* SPDX-License-Identifier: MIT */
/** Numbers of JSON, exact as far as the integers of 64 bits and one beyond go. */
#ifndef CORACLE_CONTRACT_NUMBER_H
#define CORACLE_CONTRACT_NUMBER_H

#include "contract/run.h"

/** The number that a member is; false: there is none. A number in a string counts, too. */
bool cor_contract_number(
	const struct cor_node *object, const char *name, long double *ret) COR_CHECKED;
bool cor_contract_number_of(const struct cor_node *node, long double *ret) COR_CHECKED;

bool cor_contract_is_whole(long double number);
bool cor_contract_is_multiple(long double number, long double step);

/** The nearest multiple from there on, upwards (1) or downwards (-1). */
long double cor_contract_multiple(long double number, long double step, int sign);

/** A node of that number. */
struct cor_node *cor_contract_number_node(struct cor_contract_run *run, long double number);

#endif
