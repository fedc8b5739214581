/* SPDX-License-Identifier: MIT */
/**
 * A log line under construction, and the escaping that keeps it one line. Private to the observe
 * folder.
 *
 * Each text has a limit on what it may become, "..." in place of its end when it is longer; the
 * limits of a line's parts add up to less than the line may have, so that no part can push another
 * out.
 */
#ifndef CORACLE_OBSERVE_LINE_H
#define CORACLE_OBSERVE_LINE_H

#include <stdint.h>
#include <string.h>

#include <coracle/str.h>

struct cor_line {
	char *at;
	char *end;
};

/** How bytes that could do harm are written. The result is always printable ASCII. */
enum cor_escape {
	COR_ESCAPE_JSON, /* in a JSON string: \n, \", \u00e9; bytes that are not UTF-8 as \\xHH */
	COR_ESCAPE_MESSAGE, /* \xHH for what is not 0x20 to 0x7e, \\ for \ */
	COR_ESCAPE_QUOTED,  /* the same, and \" for " */
	COR_ESCAPE_WORD,    /* the same, and \x20 for a blank */
};

/** Append a text that needs no escaping; cut at the line's end. */
static inline void cor_line_str(struct cor_line *line, struct cor_str text)
{
	size_t room = (size_t)(line->end - line->at);
	size_t len = text.len < room ? text.len : room;

	if (len != 0)
		memcpy(line->at, text.data, len);
	line->at += len;
}

#define cor_line_literal(line, literal) cor_line_str((line), COR_STR(literal))

/** Append an escaped text that becomes at most `max` bytes. False: it was cut. */
bool cor_line_text(struct cor_line *line, enum cor_escape escape, struct cor_str text, size_t max);

/** Append a number. */
void cor_line_number(struct cor_line *line, uint64_t value);

/** Append nanoseconds as milliseconds with three decimals. */
void cor_line_milliseconds(struct cor_line *line, int64_t ns);

#endif
