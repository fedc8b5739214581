/* SPDX-License-Identifier: MIT */
/** Operations whose answers are kept: answer_cache.h of the public headers says what of them. */
#ifndef CORACLE_SERVICE_ANSWER_CACHE_H
#define CORACLE_SERVICE_ANSWER_CACHE_H

#include <coracle/answer_cache.h>

#include "base/buffer.h"
#include "cache/load.h"
#include "service/answer_record.h"
#include "service/plan.h"

/** What Cache-Status says: enum cor_load_way, and that it was made and kept. */
enum { COR_LOAD_STORED = COR_LOAD_JOINED + 1, COR_ANSWER_STATUSES };

/** The .cache of an operation. */
struct cor_answer_cache_plan {
	const struct cor_cache *cache;
	struct cor_cached_rules rules;
	enum cor_answers_for answers_for;
	bool says_status;
	bool by_target;
	bool is_private;                           /* only those who are let in may have it */
	bool has_control;                          /* .caching says what Cache-Control says */
	const char *vary;                          /* NULL: it depends on no header */
	const char *name;                          /* in front of its keys */
	bool *has_told;                            /* that an answer was not kept */
	const char *statuses[COR_ANSWER_STATUSES]; /* of Cache-Status, if it is said */
};

/** Plan it, in the arena. NULL in *ret: there is none. Returns 0 or -ENOMEM. */
int cor_answer_cache_plan_make(const struct cor_service *service, const struct cor_place *place,
	const struct cor_action *action, struct cor_arena *arena,
	const struct cor_answer_cache_plan **ret) COR_CHECKED;

/** The answer of one request, from the cache or made. In ctx memory. */
struct cor_kept_answer {
	struct cor_exchange *x;
	const struct cor_action *action;
	const void *in;
	struct cor_cache_here *here;
	struct cor_loading loading;
	struct cor_buffer bytes; /* of the record, unless it is in ctx memory */
	struct cor_answer_record record;
	bool is_own;                              /* of this request alone */
	const struct cor_reply_field *forbidding; /* the header that says so; NULL: none does */
	const char *looked_by;                    /* or the call; NULL: none does */
	int hidden_status; /* of the failure for which an old one stands; 0: there is none */
};

/**
 * Get the answer of an operation whose input is bound, by its handler if need be. Yields as that
 * and the store do. Returns 0, or what the handler has returned. Then cor_kept_answer_finish().
 */
int cor_kept_answer_get(struct cor_kept_answer *answer, struct cor_exchange *x,
	const struct cor_action *action, const void *in) COR_CHECKED;

/** Send it, or a 304 or 412. Returns as cor_answer_output(). */
int cor_kept_answer_send(struct cor_kept_answer *answer) COR_CHECKED;

void cor_kept_answer_finish(struct cor_kept_answer *answer);

/** Whether a Cache-Control lets no other cache give it to others without asking here. */
bool cor_is_for_one(const char *control);

/** answer_cache_key.c: append a text behind its length. Returns 0 or -COR_ETOOLARGE. */
int cor_answer_key_text(struct cor_cache_key *key, struct cor_str text) COR_CHECKED;

/** Append who was let in, and by which scheme. Returns 0, or why that can be no part of a key. */
int cor_answer_key_principal(
	struct cor_exchange *x, bool with_scopes, struct cor_cache_key *key) COR_CHECKED;

/** answer_cache_key.c: what the answer is kept under. Returns 0, or why it can have no key. */
int cor_answer_cache_key(
	struct cor_exchange *x, const void *in, struct cor_cache_key *ret) COR_CHECKED;

#endif
