/* SPDX-License-Identifier: MIT */
/**
 * What a cache has of a URL, as bytes: an answer; or where its answers are, if they are several; or
 * that it has been changed. Whoever can write to the store can write anything: what is read is
 * checked. Nothing here yields.
 */
#ifndef CORACLE_CLIENT_KEPT_H
#define CORACLE_CLIENT_KEPT_H

#include "base/buffer.h"
#include "client/freshness.h"

enum cor_kept_kind {
	COR_KEPT_NOTHING,
	COR_KEPT_ANSWER,
	COR_KEPT_INDEX,  /* its answers are under keys of their own, by .generation and .vary */
	COR_KEPT_CHANGE, /* a call has changed it: .epoch */
};

struct cor_kept {
	enum cor_kept_kind kind;
	uint64_t epoch;      /* another one after each change; 0: none is known of */
	uint64_t generation; /* of an index: what was there before it is lost */
	struct cor_str vary; /* of an index: names in lower case, each behind a ',' */
	/* of an answer */
	struct cor_answer_times times;
	struct cor_carrier_answer head;
	struct cor_str body; /* as it came, encoded */
};

/** Append it, with its mark. */
void cor_kept_write(const struct cor_kept *kept, struct cor_buffer *buffer);

/**
 * Read what is behind the mark; texts point into it, and fields are in the arena. Returns 0,
 * -EBADMSG or -ENOMEM.
 */
int cor_kept_read(struct cor_arena *arena, struct cor_str bytes, struct cor_kept *ret) COR_CHECKED;

/**
 * The fields of an answer that are kept (section 3.1): none of the connection, and none that
 * no-cache="..." lists. In the arena. Returns 0 or -ENOMEM.
 */
int cor_kept_fields(struct cor_arena *arena, const struct cor_carrier_answer *head,
	const struct cor_cache_control *said, struct cor_carrier_answer *ret) COR_CHECKED;

/**
 * The fields after a 304 (section 3.2): those of it, and of the old ones those that it does not
 * have. In the arena. Returns 0 or -ENOMEM.
 */
int cor_kept_update(struct cor_arena *arena, const struct cor_carrier_answer *old,
	const struct cor_carrier_answer *not_modified, struct cor_carrier_answer *ret) COR_CHECKED;

/** Whether a list of names has that one, in any case: "a, b". */
bool cor_names_have(struct cor_str list, const char *name);

#endif
