/* SPDX-License-Identifier: MIT */
/** WWW-Authenticate: what a client can show (RFC 9110 section 11.6.1). */
#ifndef CORACLE_SECURITY_CHALLENGE_H
#define CORACLE_SECURITY_CHALLENGE_H

#include "security/admission.h"

/** Add the lines of a 401 or a 403. Returns 0 or -ENOMEM. */
int cor_challenge(struct cor_exchange *x, const struct cor_gate *gate,
	const struct cor_admission *admission) COR_CHECKED;

#endif
