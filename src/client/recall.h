/* SPDX-License-Identifier: MIT */
/**
 * A call and what its upstream's .cache has: RFC 9111 section 4. Private to the client folder.
 *
 * Each URL of a call, the first and those that redirects lead to, is looked up once, before
 * anything else happens; what comes of a try is heard, and kept once the call has made something
 * of all of it. An answer that is given out is played by a wire of its own, as if it came.
 */
#ifndef CORACLE_CLIENT_RECALL_H
#define CORACLE_CLIENT_RECALL_H

#include "cache/caches.h"
#include "client/answer.h"
#include "client/kept.h"
#include "client/kept_key.h"

struct cor_load_flight;

enum cor_recall_role {
	COR_RECALL_NOT,     /* the call passes by */
	COR_RECALL_GET,     /* it may be given an answer, and leave one */
	COR_RECALL_HEAD,    /* it may be given one */
	COR_RECALL_CHANGES, /* what is kept of its URL holds no more */
};

struct cor_recall {
	struct cor_cache_here *cache;
	enum cor_recall_role role;
	bool is_asked;       /* this URL was looked up */
	bool has_conditions; /* of the call's own */
	bool keeps_at_end;   /* of a stream: nobody but its reader knows when it is whole */
	bool goes_anew;      /* without conditions: a 304 was for another answer */
	struct cor_cache_control said; /* by the call */
	struct cor_kept_key of_url;
	struct cor_kept_key at; /* where .kept is */
	struct cor_kept_identity identity;
	uint64_t epoch; /* of the URL, when it was looked up */
	bool has_kept;
	struct cor_kept kept;
	struct cor_freshness freshness; /* of that */
	bool is_conditional;            /* the request says what is kept */
	int64_t asked_ms;               /* the last try; since 1970 */
	enum cor_answer_source source;
	struct cor_load_flight *flight;  /* others take the stale one until it ends; NULL: none */
	struct cor_gathering *gathering; /* of client/keep.h; NULL: none */
};

/** Begin: `call` and its message are made. Never yields. Returns 0 or -ENOMEM. */
int cor_recall_begin(struct cor_answer *answer, const struct cor_http_call *call) COR_CHECKED;

/**
 * Look the URL up, if that was not done. Yields as the store does. Returns 1: the answer is here;
 * 0: it is to be sent, perhaps with conditions; or the code of answer->fault.
 */
int cor_recall_find(struct cor_answer *answer) COR_CHECKED;

/**
 * A try has come to rc: 0 and a head, or a failure. Yields as the store does. Returns rc; or 1: it
 * is to be sent once more, at once.
 */
int cor_recall_heard(struct cor_answer *answer, int rc) COR_CHECKED;

/**
 * What it has come to in the end, a failure or an error of the server, may be mended by a stale
 * answer (RFC 5861). Never yields. Returns rc; or 0, and that answer is here.
 */
int cor_recall_rescue(struct cor_answer *answer, int rc) COR_CHECKED;

/**
 * The call cannot make use of an answer that was kept, as its schema is another: drop it. Yields.
 * Returns whether it is to be sent instead.
 */
bool cor_recall_refuse(struct cor_answer *answer);

/** A redirect leads to another URL. Never yields. */
void cor_recall_moves(struct cor_answer *answer);

/** The call is over. Never yields for long. */
void cor_recall_end(struct cor_answer *answer);

/** Give out what is kept: head and body. Returns 0 or the code of answer->fault. Never yields. */
int cor_recall_play(struct cor_answer *answer, enum cor_answer_source source) COR_CHECKED;

/** Take the conditions off the request again. Never yields. */
void cor_recall_drop_conditions(struct cor_answer *answer);

/** Now, in milliseconds since 1970. */
int64_t cor_recall_now_ms(void);

#endif
