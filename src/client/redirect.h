/* SPDX-License-Identifier: MIT */
/** Where an answer leads: RFC 9110 section 15.4. Private to the client folder. */
#ifndef CORACLE_CLIENT_REDIRECT_H
#define CORACLE_CLIENT_REDIRECT_H

#include "client/answer.h"

/** Whether an answer of that status leads elsewhere, if it has a Location. */
bool cor_redirect_is(int status);

/**
 * Aim the message at where Location leads, without what is not for that server. Yields only in
 * .rewind of a source. Returns 0 or the code of answer->fault.
 */
int cor_redirect_lead(struct cor_answer *answer, struct cor_str location) COR_CHECKED;

#endif
