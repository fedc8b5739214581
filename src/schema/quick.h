/* SPDX-License-Identifier: MIT */
/**
 * Values as most clients write them. Private to the schema folder.
 *
 * Each function reads a value that stands at `text` without a blank before it, that is written in
 * the usual way and keeps every rule of its row, and stores it: where it ends. Everything else is
 * NULL, which says nothing about the text: then the kind's cor_decode_value reads the value again
 * and knows what to report. So nothing here reports, and nothing needs to know where it stands.
 * What an object that turned out not to be usual has stored by then is stored once more.
 */
#ifndef CORACLE_SCHEMA_QUICK_H
#define CORACLE_SCHEMA_QUICK_H

#include "schema/decoder.h"
#include "schema/kind.h"
#include "schema/plan.h"

/** How one value of a row is read so, for row->quick_value; NULL: there is no such way. */
cor_quick_value *cor_quick_for_value(const struct cor_row *row);

/** The same for its member, for row->quick; row->quick_value must be there. */
cor_quick_value *cor_quick_for(const struct cor_row *row);

/* For the table of kinds. */
cor_quick_value cor_quick_bool, cor_quick_integer, cor_quick_natural, cor_quick_real,
	cor_quick_string, cor_quick_chars, cor_quick_time, cor_quick_uuid, cor_quick_enum,
	cor_quick_object, cor_quick_bare;

/** So many levels are read in one go: an array of objects that have arrays. */
#define COR_QUICK_DEPTH 3

/** Whether that can be nested too deep here: then the levels are counted one by one. */
static inline bool cor_quick_is_deep(const struct cor_json_reader *reader)
{
	return reader->depth_max - reader->depth < COR_QUICK_DEPTH;
}

/** Whether an object with these rows can be read by cor_quick_object(). */
bool cor_quick_is_flat(const struct cor_plan *plan);

/** The member of a row, with a blank before it or none, as Python's json writes it. */
static inline const char *cor_quick_member(
	struct cor_decoder *decoder, const struct cor_row *row, void *base, const char *text)
{
	void *at = (char *)base + row->offset;
	const char *stop = row->quick(decoder, row, at, text);

	if (COR_UNLIKELY(!stop) && text < decoder->reader.end && *text == ' ')
		stop = row->quick(decoder, row, at, text + 1);
	return stop;
}

/** Where the key of a row ends, if that stands next, with a blank before it or none; or NULL. */
static inline const char *cor_quick_key(
	const struct cor_row *row, const char *text, const char *end)
{
	if (COR_LIKELY(cor_json_guess_holds(text, end, &row->guess)))
		return text + row->guess.len;
	if (text < end && *text == ' ' && cor_json_guess_holds(text + 1, end, &row->guess))
		return text + 1 + row->guess.len;
	return NULL;
}

#endif
