/* SPDX-License-Identifier: MIT */
/**
 * What is left in an upstream's .cache: RFC 9111 sections 3, 4.3.4 and 4.4. Private to the client
 * folder.
 */
#ifndef CORACLE_CLIENT_KEEP_H
#define CORACLE_CLIENT_KEEP_H

#include "client/recall.h"

/**
 * What a key of the store has; kind COR_KEPT_NOTHING: nothing of use. *ret_version and *ret_ttl_ms
 * are of what is there. Yields as the store does.
 */
void cor_keep_look(struct cor_answer *answer, const struct cor_kept_key *key, struct cor_kept *ret,
	struct cor_item *ret_item);

/**
 * The head of an answer to a GET is here: gather its body while it is read, if it may be kept; if
 * not, drop what was kept. Yields as the store does.
 */
void cor_keep_begin(struct cor_answer *answer);

/** The call has made use of what was gathered: keep it, if it is whole. Yields. */
void cor_keep_end(struct cor_answer *answer);

/** What was gathered is of no use. Never yields. */
void cor_keep_forget(struct cor_answer *answer);

/**
 * A 304 says that what is kept holds: renew it (section 4.3.4). Yields. Returns 1: it is the
 * answer; 0: the 304 was for another one; or -ENOMEM.
 */
int cor_keep_renew(struct cor_answer *answer) COR_CHECKED;

/** What is kept under a key is of no use. Yields. */
void cor_keep_drop(struct cor_answer *answer, const struct cor_kept_key *key);

/** The call may have changed what its URL and its answer name (section 4.4). Yields. */
void cor_keep_invalidate(struct cor_answer *answer);

#endif
