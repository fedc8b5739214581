/* SPDX-License-Identifier: MIT */
/**
 * Values as most clients write them. Private to the schema folder.
 *
 * Each function reads a value that stands at `text` without a blank before it, that is written in
 * the usual way and keeps every rule of its row, and stores it: where it ends. Everything else is
 * NULL, which says nothing about the text: then the kind's cor_decode_value reads the value again
 * and knows what to report. So nothing here reports, and nothing needs to know where it stands.
 */
#ifndef CORACLE_SCHEMA_QUICK_H
#define CORACLE_SCHEMA_QUICK_H

#include "schema/kind.h"
#include "schema/plan.h"

/** How one value of a row is read so, for row->quick_value; NULL: there is no such way. */
cor_quick_value *cor_quick_for_value(const struct cor_row *row);

/** The same for its member, for row->quick; row->quick_value must be there. */
cor_quick_value *cor_quick_for(const struct cor_row *row);

/* For the table of kinds. */
cor_quick_value cor_quick_bool, cor_quick_integer, cor_quick_natural, cor_quick_real,
	cor_quick_string, cor_quick_chars, cor_quick_time, cor_quick_uuid, cor_quick_enum;

#endif
