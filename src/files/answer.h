/* SPDX-License-Identifier: MIT */
/** A file that answers a request: what is sent of it, as conditions and ranges have it. */
#ifndef CORACLE_FILES_ANSWER_H
#define CORACLE_FILES_ANSWER_H

#include "base/date.h"
#include "exchange/exchange.h"
#include "files/parts.h"
#include "files/select.h"
#include "http/precondition.h"

#define COR_FILE_ETAG_BYTES    64
#define COR_FILE_ANSWER_FIELDS 10

struct cor_file_answer {
	struct cor_exchange *x;
	struct cor_selected_file selected;
	const char *cache_control;  /* unless one was said; NULL: none */
	struct cor_str disposition; /* Content-Disposition; empty: none */
	bool forbids_sniffing;      /* its type is what it is: nosniff, unless that was said */
	bool has_own_type;          /* its media type is in ctx memory, not a constant */

	struct cor_validators validators;
	char etag[COR_FILE_ETAG_BYTES];
	char modified[COR_IMF_DATE_BYTES];
	char content_range[COR_CONTENT_RANGE_BYTES];
	size_t fields_len;
	struct cor_reply_field fields[COR_FILE_ANSWER_FIELDS];
};

/**
 * One in ctx memory, of a file that its caller has selected, or will: `selected` is not set. NULL
 * without memory.
 */
struct cor_file_answer *cor_file_answer_begin(struct cor_exchange *x);

/**
 * Answer a GET or HEAD with it (of another method: with all of it, whatever its header says), and
 * close the file. An ETag or Last-Modified that was said before is that of the file. Never yields;
 * may wait for a disk. Returns 0, or a negative code as a handler does.
 */
int cor_file_answer_send(struct cor_file_answer *answer) COR_CHECKED;

#endif
