/* SPDX-License-Identifier: MIT */
/** A call from its first byte to the last of its answer. Private to the client folder. */
#ifndef CORACLE_CLIENT_ANSWER_H
#define CORACLE_CLIENT_ANSWER_H

#include <coracle/client.h>

#include "client/carrier.h"
#include "client/message.h"
#include "compress/coding.h"
#include "context/context.h"

struct cor_answer {
	struct cor_hold hold; /* closes it at the end of ctx, if nobody has */
	struct cor_ctx *ctx;
	struct cor_upstream_here *here; /* NULL: it is closed */
	struct cor_message message;
	struct cor_carrier_fault fault; /* of the last try; kind 0: none */
	int64_t deadline_ns;            /* of all of it, monotonic */
	int64_t began_ns;
	int64_t took_ns; /* to the head of one that is read in pieces; 0: it is not there */
	uint32_t attempts;
	uint32_t retries; /* of them */
	uint32_t stale;   /* connections that the server had closed */
	uint32_t redirects;
	uint32_t tried;       /* a bit for each target that was */
	struct cor_pick pick; /* who has this exchange, if has_pick */
	bool has_pick;
	bool stays;               /* the next try is for the target of the last */
	struct cor_permit permit; /* of the breaker, for this exchange */
	int64_t retry_ms;         /* COR_FAILED_OPEN: when it is worth another try */
	const struct cor_credentials *credentials; /* NULL: none */
	struct cor_cookie_jar *jar;                /* NULL: none */
	uint16_t expects[COR_EXPECTS_MAX];         /* 0 ends them, if there are less */
	const char *token;                         /* that was shown last; NULL: none */
	const char *refused;                       /* the token that got a 401; NULL: none */
	const char *digest_key;                    /* of client/digests.h; NULL: none was shown */
	const char *rspauth; /* what the server proves itself with, if it does; NULL: it need not */
	uint32_t digests_renewed;
	const char *unmet;     /* why credentials do not help; NULL: they might */
	const char *not_again; /* why it is not tried again, for the log; NULL: nothing to say */
	bool is_hedge;         /* it is the second request of a call */
	bool is_shed;          /* by the adaptive limit, of which the log is told in sum */
	bool is_told;          /* its failure is another call's, which has recorded it */
	bool has_place;        /* of those that may be on their way */
	bool is_held;          /* the hold is its ctx's */
	bool may_join;         /* equal calls: .equal_gets */
	bool has_joined;       /* what came was asked for by another */
	struct cor_flight *flight; /* that it leads; NULL: none */
	struct cor_recall *recall; /* of client/recall.h; NULL: the upstream has no .cache */

	/* the exchange that it is in */
	struct cor_destination destination;
	struct cor_upstream_tls tls; /* of another server, to which a redirect has led */
	struct cor_carrier_request request;
	struct cor_wire *wire; /* NULL: there is none, or it is over */
	struct cor_carrier_answer head;

	/* the body of the answer */
	struct cor_decoder *decoder; /* NULL: it comes as it is */
	const char *unreadable;      /* a coding that was not asked for; NULL: it is none */
	bool is_whole;               /* what was decoded may be all */
	bool has_more;               /* the decoder may have: it had no room for it */
	bool has_ended;              /* the wire has no more */
	int64_t taken;               /* bytes as they came */
	int64_t made;                /* and decoded */
	char *in;                    /* those that are not decoded yet */
	size_t in_at;
	size_t in_len;
};

/**
 * Whether the try has failed since the server had closed a kept connection before the request came:
 * RFC 9112 section 9.3.1.
 */
bool cor_answer_met_stale(const struct cor_answer *answer);

/** The exchange is over, its answer read to the end or not. Never yields. */
void cor_answer_end_exchange(struct cor_answer *answer);

/** The same, and another call may have its place among those that are on their way. */
void cor_answer_let_go(struct cor_answer *answer);

/** The value of a field of the head, by its name in lower case; data NULL: there is none. */
struct cor_str cor_answer_field(const struct cor_answer *answer, const char *name);

/**
 * Be ready to decode the body, as Content-Encoding says. Returns 0 or the code of answer->fault:
 * not for a coding that was not asked for, since a status, or where it leads, can be had without
 * the body.
 */
int cor_answer_prepare_body(struct cor_answer *answer) COR_CHECKED;

/** Whether the body can be read, as far as its coding goes. Returns as above. */
int cor_answer_check_coding(struct cor_answer *answer) COR_CHECKED;

/** The next bytes of the body as they came, still encoded. As cor_answer_take(). */
ssize_t cor_answer_receive(struct cor_answer *answer, void *buffer, size_t size) COR_CHECKED;

/** As cor_answer_read(), but records nothing: the failure is answer->fault. */
ssize_t cor_answer_take(struct cor_answer *answer, void *buffer, size_t size) COR_CHECKED;

#endif
