/* SPDX-License-Identifier: MIT */
/**
 * Requests that may be sent again: a client that has lost the answer to a POST asks again with the
 * same Idempotency-Key, and gets that answer; nothing is done twice
 * (draft-ietf-httpapi-idempotency-key-header-07).
 *
 *     static const struct cor_cache payment_keys = {
 *             .name = "payment-keys", .store = &cor_shared_store,
 *     };
 *
 *     COR_OPERATION(pay_operation, pay, payment_schema, receipt_schema, .status = 201,
 *             .idempotency = &(const struct cor_idempotency){
 *                     .cache = &payment_keys, .is_required = true });
 *
 * Of a POST or PATCH with a typed answer. The header has 1 to COR_IDEMPOTENCY_KEY_BYTES characters,
 * which the client makes up at random, as a string in quotes (RFC 9651 section 3.3.3):
 *
 *     Idempotency-Key: "8e03978e-40d5-43dd-bc93-6894a57f9324"
 *
 * Without the quotes, as many clients send it, it is the same key, which then has no blank, ',' or
 * ';'.
 *
 * It counts for one operation, and where that has .security for one principal by one scheme.
 *
 * | the key | the answer |
 * |---|---|
 * | is missing, and .is_required | 400; also if it is no such key |
 * | is new | the handler's |
 * | was sent with another input | 422 |
 * | is being worked on | 409, with Retry-After |
 * | was answered | the same: status, header, body, with Idempotency-Replayed: true |
 * | cannot be looked up: the cache fails | 503 if .is_required, else the handler's, unprotected |
 *
 * Kept are the handler's successes, answers of cor_respond() below 500, and its problems from 400
 * to 499 but 401, 408 and 429. After all others the key is free again, and asking again calls the
 * handler, which has undone what it did where it fails with a 5xx. What is refused before the
 * handler is called takes no key.
 *
 * A process that dies in the middle frees the key after .lease_ms, as does a request that ends
 * before its job does (of .executor or cor_offload(), after a timeout). Let none take longer, or a
 * second one begins beside it; the answer of the first is then not kept over that one's. An answer
 * that is too large for the cache is sent, and its key is busy until the lease ends.
 *
 * All of an answer is sent again, cookies, too: without .security to whoever knows the key and the
 * input. The cache must be one that all workers share (a start with several
 * processes refuses the memory of one), with room for all keys of .keep_ms: one that had to go is
 * new again.
 */
#ifndef CORACLE_IDEMPOTENCY_H
#define CORACLE_IDEMPOTENCY_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

struct cor_cache; /* store.h */

#define COR_IDEMPOTENCY_KEY_BYTES 255
#define COR_IDEMPOTENCY_KEEP_MS   86400000 /* a day */
#define COR_IDEMPOTENCY_LEASE_MS  60000    /* a minute */

/** How an operation takes keys. Constant. */
struct cor_idempotency {
	/** One of the service's .caches. */
	const struct cor_cache *cache;
	/** A request without a key is refused, and none is served while the cache fails. */
	bool is_required;
	/** For how long an answer is kept. 0: COR_IDEMPOTENCY_KEEP_MS. */
	int64_t keep_ms;
	/** How long a request is worked on at most. 0: COR_IDEMPOTENCY_LEASE_MS. */
	int64_t lease_ms;
};

COR_END_DECLS
#endif
