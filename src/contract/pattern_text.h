/* SPDX-License-Identifier: MIT */
/** Texts that match a pattern, made from the pattern. */
#ifndef CORACLE_CONTRACT_PATTERN_TEXT_H
#define CORACLE_CONTRACT_PATTERN_TEXT_H

#include "contract/run.h"

/**
 * A text that matches it, with at least and at most so many characters, as far as the pattern
 * allows. NULL: none was found, as with what looks ahead or back.
 */
const char *cor_contract_pattern_text(
	struct cor_contract_run *run, struct cor_str pattern, size_t least, size_t most);

/** A text that does not match; NULL: none was found. */
const char *cor_contract_pattern_breach(
	struct cor_contract_run *run, struct cor_str pattern, const char *match);

#endif
