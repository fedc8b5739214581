/* SPDX-License-Identifier: MIT */
/** What a try shows of itself: headers and query of credentials. Private to the client folder. */
#ifndef CORACLE_CLIENT_CREDENTIALS_H
#define CORACLE_CLIENT_CREDENTIALS_H

#include <coracle/credentials.h>

#include "base/sha256.h"
#include "client/answer.h"

/**
 * What is wrong with credentials, as the end of a message: "has .credentials that ...". NULL:
 * nothing.
 */
const char *cor_credentials_fault(const struct cor_credentials *it);

/** COR_NO_CREDENTIALS. */
bool cor_credentials_are_none(const struct cor_credentials *it);

/** The header that they send; NULL: none, or those that a signer chooses. */
const char *cor_credentials_header(const struct cor_credentials *it);

/**
 * Those of a call: its own, else the upstream's; NULL: none, or the call has the header itself.
 */
const struct cor_credentials *cor_credentials_of(
	const struct cor_upstream *upstream, const struct cor_http_call *call);

/**
 * Add them to answer->request, whose fields and path are copied. May yield. Returns 0 or the code
 * of answer->fault.
 */
int cor_credentials_show(struct cor_answer *answer) COR_CHECKED;

/**
 * Add to a hash whom they show, without asking another server: of a token and of Digest, whom it is
 * given to. May yield. False: a signer alone knows, or there is no secret.
 */
bool cor_credentials_identify(struct cor_answer *answer, struct cor_sha256 *hash);

/**
 * Whether the answer, a 401, may become another with a new token, or with its challenge met: once
 * in a call, or twice, and only if the body can be sent again. Never yields, but for .rewind of a
 * source.
 */
bool cor_credentials_renew(struct cor_answer *answer);

/**
 * The head of an answer is there: it may say what is to be shown next, and who has sent it. Returns
 * 0 or the code of answer->fault.
 */
int cor_credentials_heard(struct cor_answer *answer) COR_CHECKED;

#endif
