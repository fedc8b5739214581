/* SPDX-License-Identifier: MIT */
/**
 * multipart/form-data (RFC 7578, RFC 2046 section 5.1) as bytes in, parts out.
 *
 * Pieces of the body may end anywhere. Each byte is looked at a fixed number of times, whatever the
 * boundary is: it begins with the only CR that it has, so that a try that has failed never has to
 * be begun again in its middle. Of what has been read, only the header lines of a part and how much
 * of the boundary has come are kept.
 *
 * A line that begins as the boundary and goes on otherwise is data, unless blanks follow, which
 * only a CRLF may end. Lines end with CRLF. Nothing here yields or allocates.
 */
#ifndef CORACLE_MULTIPART_PARSER_H
#define CORACLE_MULTIPART_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>

#include "multipart/boundary.h"
#include "multipart/part_head.h"

#define COR_DELIMITER_BYTES (4 + COR_BOUNDARY_MAX + 1)

/** What the parser has found. */
enum cor_multipart_event {
	COR_MULTIPART_MORE = 0, /* nothing in what is left of the input, which is used up */
	COR_MULTIPART_PART,     /* a part begins: see .head */
	COR_MULTIPART_DATA,     /* bytes of it */
	COR_MULTIPART_PART_END, /* it has ended */
	COR_MULTIPART_END,      /* the last one has; what follows is passed over */
};

struct cor_multipart_limits {
	uint32_t parts;      /* how many */
	uint32_t head_bytes; /* header lines of one; also what may stand around the parts */
};

/** A body that is being read. Private but for .head and .fault. */
struct cor_multipart {
	struct cor_part_head head; /* of the part: until it ends, and the next one is asked for */
	const char *fault;         /* what was wrong, behind an error */

	enum {
		COR_MULTIPART_IN_BODY = 0, /* in front of the parts, or in one */
		COR_MULTIPART_BEHIND,      /* the delimiter has come: what follows decides */
		COR_MULTIPART_BEHIND_DASH,
		COR_MULTIPART_BEHIND_CR,
		COR_MULTIPART_BLANKS, /* behind a delimiter, which it is now for sure */
		COR_MULTIPART_BLANKS_CR,
		COR_MULTIPART_IN_HEAD,
		COR_MULTIPART_EPILOGUE,
		COR_MULTIPART_FAILED,
	} state;
	bool in_part;
	uint8_t matched;  /* how much of the delimiter the input ends with */
	uint8_t borrowed; /* of that, what was no data: the line end in front of the body */
	uint8_t delimiter_len;
	int rc; /* of FAILED */
	uint32_t parts;
	uint32_t passed; /* bytes outside of parts */
	size_t head_len;
	char *lines; /* limits.head_bytes */
	struct cor_multipart_limits limits;
	char delimiter[COR_DELIMITER_BYTES]; /* CRLF "--" boundary, and a '-' */
	char fault_text[80];
};

/**
 * Begin with a boundary that cor_multipart_boundary() has found good. `lines` has
 * limits->head_bytes, and outlives the parser.
 */
void cor_multipart_begin(struct cor_multipart *multipart, struct cor_str boundary, char *lines,
	const struct cor_multipart_limits *limits);

/**
 * Take the next event from the front of *input. *ret_data (DATA) is in the input, or in the parser
 * until its next call; it is never empty.
 *
 * Returns an event, or -COR_ESYNTAX, -COR_ETOOLARGE or -EOPNOTSUPP with .fault; all later calls
 * return the same.
 */
int cor_multipart_next(struct cor_multipart *multipart, struct cor_str *input,
	struct cor_str *ret_data) COR_CHECKED;

/** The body has ended. Returns 0, or as above: the last boundary has not come. */
int cor_multipart_end(struct cor_multipart *multipart) COR_CHECKED;

#endif
