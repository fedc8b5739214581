/* SPDX-License-Identifier: MIT */
/** Sets of names in one integer, for the table of kinds. Private to the schema folder. */
#ifndef CORACLE_SCHEMA_FLAGS_H
#define CORACLE_SCHEMA_FLAGS_H

#include "schema/kind.h"
#include "schema/path.h"
#include "schema/plan.h"

cor_decode_value cor_decode_flags;
cor_encode_value cor_encode_flags;

/** Add the bits of a name; one that is not the rule's, or is there already, is reported. */
void cor_flags_add(const struct cor_report *report, const struct cor_value_rule *rule,
	uint32_t *bits, struct cor_str name, const struct cor_step *step);

#endif
