/* SPDX-License-Identifier: MIT */
/**
 * The challenges of Digest that a thread has met, and how a call answers them. Private to the
 * client folder.
 */
#ifndef CORACLE_CLIENT_DIGESTS_H
#define CORACLE_CLIENT_DIGESTS_H

#include <coracle/credentials.h>

#include "client/answer.h"

#define COR_DIGESTS_MAX 8 /* of an upstream and a thread: servers and users */

/**
 * The value of Authorization, in the memory of ctx; NULL: the server has not asked yet. May yield.
 * Returns 0, -ENOMEM, or -EINVAL: *ret_why is what is wrong.
 */
int cor_digests_show(struct cor_answer *answer, const struct cor_digest_credentials *of,
	const char **ret, const char **ret_why) COR_CHECKED;

/**
 * Whether the answer, a 401, has a challenge that the request can be sent again with. Never yields,
 * but for .rewind of a source.
 */
bool cor_digests_renew(struct cor_answer *answer);

/**
 * Take the next nonce of an answer, if it names one, and look whether it proves that the server
 * knows the password, if it says so (RFC 7616 section 3.5). Returns 0 or the code of answer->fault.
 */
int cor_digests_heard(struct cor_answer *answer) COR_CHECKED;

struct cor_kept_digest;

/** Wipe and free them. */
void cor_digests_drop(struct cor_kept_digest *first);

#endif
