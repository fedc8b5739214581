/* SPDX-License-Identifier: MIT */
/** The state of one decoding. Private to the schema folder. */
#ifndef CORACLE_SCHEMA_DECODER_H
#define CORACLE_SCHEMA_DECODER_H

#include "json/reader.h"
#include "schema/path.h"
#include "schema/plan.h"

struct cor_decoder {
	struct cor_json_reader reader;
	struct cor_report report;
	struct cor_codec *codec;
	enum cor_use use;
	enum cor_from default_from;
	unsigned fallback_depth; /* fallbacks that are being read inside one another */
};

/**
 * Read the value that stands next into a row of *base. Broken rules are reported.
 * Returns 0, -COR_ESYNTAX, -COR_ETOOLARGE or -ENOMEM.
 */
int cor_decoder_row(struct cor_decoder *decoder, const struct cor_row *row, void *base,
	const struct cor_step *step) COR_CHECKED;

/** The same for the members of an object, `taken` being the rows that take part. */
int cor_decoder_object(struct cor_decoder *decoder, const struct cor_plan *plan,
	const struct cor_row_set *taken, void *base, const struct cor_step *outer) COR_CHECKED;

/** The value that stands next is of another type than wanted ("an integer"): say so and pass over it. */
int cor_decoder_refuse(struct cor_decoder *decoder, const char *wanted, bool nullable,
	const struct cor_step *step) COR_CHECKED;

#endif
