/* SPDX-License-Identifier: MIT */
/**
 * Values into room that is there: the counterpart of quick.h. Private to the schema folder.
 *
 * Rows that are always written are compiled once, at start, into programs (program.h): lists of
 * steps, each a text that is the same each time (what closes the value before it, a comma, the key,
 * quotes), and behind it a value. What a member nests by value is part of the same list.
 *
 * Before a step there is room for its text and for any value of few bytes; steps whose bytes nobody
 * knows before (texts, arrays) see to what they need and to what follows, up to the next such step.
 */
#ifndef CORACLE_SCHEMA_PUT_H
#define CORACLE_SCHEMA_PUT_H

#include "base/buffer.h"
#include "schema/kind.h"

#define COR_PUT_DEPTH      8  /* levels that a program may nest */
#define COR_PUT_TEXT_BYTES 32 /* of a step: most texts are shorter, and two vectors copy them */
#define COR_PUT_BYTES      40 /* of any value but a text, with what may be written behind it */

/** What a step does behind its text. */
enum cor_put_action {
	COR_PUT_NOTHING,
	COR_PUT_BOOL, /* values of these kinds: most values are */
	COR_PUT_INT32,
	COR_PUT_INT64,
	COR_PUT_DOUBLE,
	COR_PUT_TEXT,
	COR_PUT_TIME,
	COR_PUT_NAME,    /* of an enum */
	COR_PUT_OTHER,   /* as the table of kinds says */
	COR_PUT_NUMBERS, /* all of an array whose items have no text but the comma */
	COR_PUT_ITEMS,   /* begins an array: `inner` is done for each item */
	COR_PUT_NEXT,    /* the end of such a program: its text ends in a comma */
	COR_PUT_END,
};

struct cor_put_step {
	char text[COR_PUT_TEXT_BYTES];
	uint8_t action;  /* of cor_put_action */
	uint8_t len;     /* of the text */
	uint32_t offset; /* of the value; COR_PUT_NEXT: of the item behind this one */
	uint32_t room;   /* texts and arrays: bytes to have behind them */
	const struct cor_value_rule *rule;
	const struct cor_put_program *inner;
};

struct cor_put_program {
	const struct cor_put_step *steps;
	uint32_t room; /* bytes to have before it begins */
	unsigned levels;
	uint32_t end; /* of a run: the row behind its last one */
	bool closes;  /* of a run: the object has no more, and is closed by it */
};

/** Where the values go. */
struct cor_put_target {
	struct cor_buffer *buffer; /* its len is not kept */
	const char *end;           /* of the room that it has */
};

/**
 * Append what the program writes of *base. False: the buffer is as it was, but perhaps larger, and
 * cor_encode_value() says why it cannot be written, or writes it with less room. The buffer has no
 * error before; it may have -ENOMEM then.
 */
bool cor_put_append(
	const struct cor_put_program *program, const void *base, struct cor_buffer *buffer);

/* For the table of kinds. */
cor_put_value cor_put_bool, cor_put_int32, cor_put_int64, cor_put_uint32, cor_put_uint64,
	cor_put_double, cor_put_text, cor_put_str, cor_put_chars, cor_put_time, cor_put_uuid,
	cor_put_enum;

#endif
