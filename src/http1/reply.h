/* SPDX-License-Identifier: MIT */
/** Replies over HTTP/1.1: whole ones, and in pieces. */
#ifndef CORACLE_HTTP1_REPLY_H
#define CORACLE_HTTP1_REPLY_H

#include "exchange/caller.h"
#include "http/response.h"
#include "http1/exchange.h"

/** The operations of an exchange over HTTP/1.1. */
extern const struct cor_exchange_ops cor_http1_ops;

/**
 * cor_response_begin(), and `fields`; overload (503) tells when to come again, in seconds drawn
 * from 1 to 3 (RFC 9110 section 10.2.3), unless one of them does.
 */
int cor_http1_begin_head(struct cor_buffer *output, const struct cor_response_head *head,
	const struct cor_reply_field *fields) COR_CHECKED;

/** End a started reply. Called on the fiber; yields. */
int cor_http1_end_reply(struct cor_http1_exchange *h) COR_CHECKED;

#endif
