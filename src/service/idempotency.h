/* SPDX-License-Identifier: MIT */
/** Requests with an Idempotency-Key: idempotency.h of the public headers says what of them. */
#ifndef CORACLE_SERVICE_IDEMPOTENCY_H
#define CORACLE_SERVICE_IDEMPOTENCY_H

#include <coracle/idempotency.h>

#include "base/buffer.h"
#include "cache/key.h"
#include "service/answer_record.h"
#include "service/plan.h"

struct cor_cache_here;

#define COR_IDEMPOTENCY_HEADER   "Idempotency-Key"
#define COR_IDEMPOTENCY_REPLAYED "Idempotency-Replayed"
/* What is taken as a key: JSON of a regular expression (ECMA-262). */
#define COR_IDEMPOTENCY_PATTERN                                                                    \
	"\"^(\\\"[ !#-\\\\[\\\\]-~]{1,255}\\\"|[!#-+\\\\--:<-\\\\[\\\\]-~]{1,255})$\""
_Static_assert(COR_IDEMPOTENCY_KEY_BYTES == 255, "the pattern says so");

/** A request with a key. In ctx memory. */
struct cor_keyed_request {
	struct cor_exchange *x;
	const struct cor_action *action;
	const void *in;
	struct cor_cache_here *here;
	struct cor_cache_key key;
	char fingerprint[16];    /* of its input */
	uint64_t claim;          /* nobody else has it */
	bool is_judged;          /* by what is kept of it: what follows is its answer */
	struct cor_buffer bytes; /* of the record */
	struct cor_answer_record record;
	struct cor_str content_type; /* of it */
};

/**
 * Serve a request whose input is bound: by the handler, or with the answer that it has had. Yields
 * as they and the store do. Returns 0: cor_keyed_request_send(); 1: it has no key, and the handler
 * is to be called as always; or a negative code. Then cor_keyed_request_finish().
 */
int cor_keyed_request_serve(struct cor_keyed_request *request, struct cor_exchange *x,
	const struct cor_action *action, const void *in) COR_CHECKED;

int cor_keyed_request_send(struct cor_keyed_request *request) COR_CHECKED;

void cor_keyed_request_finish(struct cor_keyed_request *request);

#endif
