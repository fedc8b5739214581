/* SPDX-License-Identifier: MIT */
/**
 * A call on its way by libcurl: an easy handle, and what is between it and the caller.
 *
 * curl pulls the request's body and pushes the answer's, and both are stopped (paused) while the
 * other side is slow: of the request curl is lent what send() was given, of the answer so much is
 * kept as COR_CURL_KEPT_BYTES says.
 */
#ifndef CORACLE_CURL_WIRE_H
#define CORACLE_CURL_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

#include <coracle/curl.h>

#include "client/carrier.h"
#include "curl/driver.h"
#include "curl/head.h"
#include "curl/kept.h"

#define COR_CURL_KEPT_BYTES (64 * 1024)
#define COR_CURL_POOLED     32 /* easy handles that a thread keeps */
/* for a connection, where the scope says nothing: none of ours is longer */
#define COR_CURL_CONNECT_MS_MAX (24L * 3600 * 1000)

/** What the calls of a thread share. */
struct cor_curl_state {
	struct cor_curl_driver driver;
	const struct cor_carrier_calls *calls;
	struct cor_resolver *resolver;
	CURLSH *share; /* TLS sessions */
	struct cor_curl_wire *free;
	size_t free_len;
	struct cor_curl_wire *refused;   /* those whose body the server does not want any more */
	struct cor_curl_wire *pushed;    /* those that lost a socket before they had a connection */
	struct cor_curl_wire *until_end; /* see curl/ending.h */
	const char *ca_folder;           /* of the system; NULL: it is a file */
	struct cor_curl_kept kept;
};

struct cor_curl_wire {
	struct cor_wire wire;
	struct cor_curl_state *state;
	struct cor_curl_wire *next; /* of those that are free, refused, or to be pushed */
	CURL *easy;
	struct cor_wait *waiter; /* who is to be told of anything new */

	bool is_added;        /* to the multi handle */
	bool has_connection;  /* and the head of the request is on its way */
	bool is_stale;        /* but that was of no use: nothing is on its way */
	bool has_sent_all;    /* finish() */
	bool is_refused;      /* in the list of those */
	bool has_lost_socket; /* in the list of those to be pushed */
	bool is_send_paused;
	bool is_receive_paused;
	bool has_ended; /* curl has nothing more to do: `result` */
	CURLcode result;
	int own_rc;   /* why we have ended it; 0: we have not */
	bool was_cut; /* the answer ended as no connection of TLS must */
	long os_error;

	/* Of an answer that ends with its connection: see curl/ending.h. */
	void *tls; /* of OpenSSL; NULL: it is none */
	bool has_close_notify;
	struct cor_curl_wire *next_until_end;

	struct cor_str lent; /* of the request's body, to be taken by curl */
	int64_t given;       /* so much of it send() was given */

	char *kept; /* of the answer's body, from `kept_at` to `kept_end` */
	size_t kept_at;
	size_t kept_end;
	size_t kept_size;

	struct cor_curl_head head;
	char said[CURL_ERROR_SIZE]; /* curl's own words */
};

/** Prepare a call. Never yields. Returns 0, -ENOMEM or -EINVAL. */
int cor_curl_wire_begin(struct cor_curl_state *state, const struct cor_carrier_request *request,
	struct cor_curl_wire **ret) COR_CHECKED;

/** Let what is free go. */
void cor_curl_wires_free(struct cor_curl_state *state);

/** Wake who waits for it. Never yields. */
void cor_curl_wire_tell(struct cor_curl_wire *wire);

/** The operations of struct cor_carrier. */
int cor_curl_wire_connect(struct cor_wire *base) COR_CHECKED;
int cor_curl_wire_send(struct cor_wire *base, const void *data, size_t len) COR_CHECKED;
int cor_curl_wire_finish(struct cor_wire *base) COR_CHECKED;
int cor_curl_wire_receive_head(struct cor_wire *base, struct cor_carrier_answer *ret) COR_CHECKED;
ssize_t cor_curl_wire_receive(struct cor_wire *base, void *buffer, size_t size) COR_CHECKED;
void cor_curl_wire_end(struct cor_wire *base);

/** For the driver. */
extern const struct cor_curl_events cor_curl_wire_events;

#endif
