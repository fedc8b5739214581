/* SPDX-License-Identifier: MIT */
/** Inside a mask. Private to the schema folder. */
#ifndef CORACLE_SCHEMA_MASK_PLAN_H
#define CORACLE_SCHEMA_MASK_PLAN_H

#include "schema/mask.h"
#include "schema/plan.h"

/** Of one object. */
struct cor_mask {
	struct cor_row_set taken;
	bool has_rest;                 /* what no row has */
	const struct cor_mask **inner; /* by row; NULL: the whole of what it holds */
};

#endif
