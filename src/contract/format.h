/* SPDX-License-Identifier: MIT */
/** The formats of strings that are checked, and a text of each. */
#ifndef CORACLE_CONTRACT_FORMAT_H
#define CORACLE_CONTRACT_FORMAT_H

#include <stdbool.h>

#include <coracle/str.h>

#include "contract/run.h"

/** A text that has that format, or matches that pattern of a kind; NULL: none is known. */
const char *cor_contract_format_sample(struct cor_str format);
const char *cor_contract_pattern_sample(struct cor_str pattern);

/** One of at least so many characters, of a format that has any length; NULL: it has not. */
const char *cor_contract_format_text(
	struct cor_contract_run *run, struct cor_str format, size_t least);

/** Whether a text has that format. Of formats that are for readers alone each text does. */
bool cor_contract_format_holds(struct cor_str format, struct cor_str text);

/** Whether it is base64 with its padding (RFC 4648 section 4). */
bool cor_contract_is_base64(struct cor_str text);

#endif
