/* SPDX-License-Identifier: MIT */
/** Who a request is from, if its client may still show credentials. */
#ifndef CORACLE_SERVICE_PRINCIPAL_H
#define CORACLE_SERVICE_PRINCIPAL_H

#include "security/admission.h"

/**
 * Find out who it is, as cor_admission_find(), once for a request; a credential that is refused is
 * counted, whoever asks and whatever comes of it. Whoever has shown too many is not looked at: then
 * *ret_wait_ns is how long to wait, else 0. Yields as the schemes' checks do. Returns 0 or -ENOMEM.
 */
int cor_principal_find(
	struct cor_exchange *x, const struct cor_gate *gate, int64_t *ret_wait_ns) COR_CHECKED;

#endif
