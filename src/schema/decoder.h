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
 * How one value of a row is read; for row->read. The row's rule and row->quick_value must be there.
 */
cor_decode_value *cor_decoder_for_value(const struct cor_row *row);

/** How a row's member is read; for row->decode. row->read must be there. */
cor_decode_value *cor_decoder_for(const struct cor_row *row);

/**
 * Read the value that stands next into a row of *base. Broken rules are reported.
 * Returns 0, -COR_ESYNTAX, -COR_ETOOLARGE or -ENOMEM.
 */
static inline COR_CHECKED int cor_decoder_row(struct cor_decoder *decoder,
	const struct cor_row *row, void *base, const struct cor_step *step)
{
	return row->decode(decoder, row, (char *)base + row->offset, step);
}

/** The same for the members of an object, `taken` being the rows that take part. */
int cor_decoder_object(struct cor_decoder *decoder, const struct cor_plan *plan,
	const struct cor_row_set *taken, void *base, const struct cor_step *outer) COR_CHECKED;

/**
 * The value that stands next is of another type than wanted ("an integer"): say so and pass over
 * it.
 */
int cor_decoder_refuse(struct cor_decoder *decoder, const char *wanted, bool nullable,
	const struct cor_step *step) COR_CHECKED;

/** Pass over what the struct has no place for. */
cor_decode_value cor_decode_nothing;

/** dict.c: a cor_dict. */
cor_decode_value cor_decode_dict;

/**
 * The members of the object that stands next which no row of the plan has, into its row for the
 * rest. 0 or as cor_decoder_object().
 */
int cor_decode_rest(struct cor_decoder *decoder, const struct cor_plan *plan, void *base,
	const struct cor_step *step) COR_CHECKED;

/*
 * decode_value.c: how each kind is read, for the table of kinds. Each looks whether the value is of
 * the right type.
 */
cor_decode_value cor_decode_bool, cor_decode_number, cor_decode_string, cor_decode_word,
	cor_decode_decimal, cor_decode_quoted_number, cor_decode_raw, cor_decode_object,
	cor_decode_pointer, cor_decode_bare, cor_decode_bare_pointer;

/* union.c: the discriminator, a member like others. */
cor_decode_value cor_decode_tag;

#endif
