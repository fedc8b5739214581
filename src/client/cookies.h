/* SPDX-License-Identifier: MIT */
/** The cookies of a call that has a jar. Private to the client folder. */
#ifndef CORACLE_CLIENT_COOKIES_H
#define CORACLE_CLIENT_COOKIES_H

#include "client/answer.h"

/**
 * Add those that are for where it goes to answer->request, whose fields are copied: like
 * credentials they are not in the message, which may be led elsewhere. Returns 0 or the code of
 * answer->fault.
 */
int cor_cookies_show(struct cor_answer *answer) COR_CHECKED;

/** Keep those that the head of the answer sets. */
void cor_cookies_keep(struct cor_answer *answer);

#endif
