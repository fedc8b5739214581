/* SPDX-License-Identifier: MIT */
/** A reply that goes on for as long as its client stays. */
#ifndef CORACLE_SERVING_STAYING_H
#define CORACLE_SERVING_STAYING_H

#include "serving/request.h"

/** As ops->stay and ops->was_drained. */
void cor_request_stay(struct cor_exchange *x);
bool cor_request_was_drained(const struct cor_exchange *x);

/** A drain has begun: its client comes again, to whoever serves then. Does nothing to others. */
void cor_request_drain(struct cor_request *request);

/** Its head goes out: what the figures are to say is how long the client has waited for that. */
void cor_request_count_staying(
	struct cor_request *request, const struct cor_serving *serving, uint16_t status);

#endif
